"""Metrics: measures with a name, checked when they are defined."""

from collections.abc import Mapping

from anstoss.rules.language import SPANS, Aggregate, Key, Kind, Measure, Metric, Ratio, Vocabulary
from anstoss.rules.parse_selections import SELECTION_KEYS, SelectionReader
from anstoss.rules.problems import RuleError, unknown

UNITS = ("count", "money", "days", "share", "number", "time", "text")
WITHOUT_OF = {"count": "count", "first_at": "time", "last_at": "time", **dict.fromkeys(SPANS, "days")}
WITH_OF = ("distinct", "sum", "average", "smallest", "largest", "last_value")
COMPUTES = (*WITHOUT_OF, *WITH_OF, "ratio")
"""How a metric can be computed."""


def parse_metric(body: object, vocabulary: Vocabulary | None = None) -> Metric:
    """The metric that ``body`` defines; a ratio may name metrics of the vocabulary.

    :raises RuleError: with every problem found.
    """
    reader = _MetricReader(vocabulary or Vocabulary(), [])
    metric = reader.metric(body)
    if reader.problems:
        raise RuleError(reader.problems)
    return metric


class _MetricReader(SelectionReader):
    def metric(self, body: object) -> Metric:
        fields = self.mapping(body, "metric", ("key", "name", "unit", "compute"), needs=("key", "unit", "compute"))
        key = self.key_name(fields.get("key"), "metric.key")
        name = fields.get("name", {})
        if not isinstance(name, Mapping) or not all(isinstance(name.get(lang, ""), str) for lang in ("de", "en")):
            self.wrong("metric.name", name, "Hier steht {de: ..., en: ...}.", "This is {de: ..., en: ...}.")
            name = {}
        unit = fields.get("unit")
        if not isinstance(unit, str) or unit not in UNITS:
            self.problems.append(unknown("metric.unit", ("Die Einheit", "The unit"), unit, UNITS))
            unit = "number"
        measure = self._compute(fields.get("compute"), "metric.compute", unit)
        return Metric(key, {lang: str(name.get(lang, key)) for lang in ("de", "en")}, unit, measure)

    def _compute(self, body: object, place: str, unit: str) -> Measure:
        nothing = Aggregate("count", self.selection({}, place))
        if not isinstance(body, Mapping) or len(body) != 1:
            self.wrong(
                place, body, "Hier steht eine Berechnung, z. B. count: {event: ...}.", "This is one computation."
            )
            return nothing
        ((how, inner),) = body.items()
        place = f"{place}.{how}"
        if how == "ratio":
            return self._ratio(inner, place)
        if how not in COMPUTES:
            self.problems.append(unknown(place, ("Die Berechnung", "The computation"), how, COMPUTES))
            return nothing
        return self._aggregate(str(how), inner, place, unit)

    def _aggregate(self, how: str, body: object, place: str, unit: str) -> Aggregate:
        of = ("of",) if how in WITH_OF else ()
        fields = self.mapping(body, place, (*SELECTION_KEYS, *of), needs=("event", *of))
        selection = self.selection(fields, place)
        fitting = WITHOUT_OF.get(how, "count" if how == "distinct" else unit)
        if how not in WITH_OF:
            self._fit(fitting, unit, place)
            return Aggregate(how, selection)
        name, kind = self.measured_key(how, fields.get("of"), f"{place}.of")
        if how == "distinct":
            self._fit(fitting, unit, place)
            return Aggregate(how, selection, Key(name, kind))
        always = {Kind.MONEY: "money", Kind.TEXT: "text"}.get(kind)
        if always:
            self._fit(always, unit, place)
        elif how == "last_value" and kind is Kind.ANY:
            kind = {"time": Kind.TIME, "text": Kind.TEXT}.get(unit, Kind.NUMBER)
        else:
            kind = Kind.NUMBER
        if unit in ("time", "text") and (how != "last_value" or kind is Kind.NUMBER):
            self._fit("number", unit, place)
        return Aggregate(how, selection, Key(name, kind))

    def _fit(self, fitting: str, unit: str, place: str) -> None:
        if fitting != unit:
            self.wrong(place, unit, f"Die Einheit muss hier {fitting} sein.", f"The unit must be {fitting} here.")

    def _ratio(self, body: object, place: str) -> Measure:
        parts = body if isinstance(body, list | tuple) else ()
        if len(parts) != 2:
            self.wrong(
                place, body, "Hier stehen zwei Kennzahlen: [oben, unten].", "This is two metrics: [top, bottom]."
            )
            parts = ({"count": {"event": "?"}},) * 2
        top, bottom = (self._part(part, f"{place}[{i}]") for i, part in enumerate(parts))
        return Ratio(top, bottom)

    def _part(self, body: object, place: str) -> Aggregate:
        if isinstance(body, str):
            metric = self.vocabulary.metrics.get(body)
            if metric is None:
                self.problems.append(unknown(place, ("Die Kennzahl", "The metric"), body, self.vocabulary.metrics))
            measure: Measure | None = metric.measure if metric else None
        else:
            measure = self._compute(body, place, self._unit_of_part(body))
        if isinstance(measure, Aggregate) and (measure.how not in (*SPANS, "first_at", "last_at")):
            return measure
        if measure is not None:
            self.wrong(place, body, "Geteilt werden nur Anzahlen und Summen.", "Only counts and sums can be divided.")
        return Aggregate("count", self.selection({}, place))

    def _unit_of_part(self, body: object) -> str:
        """The unit that fits a computation written inside a ratio, which states none of its own."""
        how = next(iter(body), None) if isinstance(body, Mapping) else None
        if how == "distinct":
            return "count"
        inner = body[how] if isinstance(body, Mapping) and how in body else {}
        of = inner.get("of") if isinstance(inner, Mapping) else None
        probe = SelectionReader(self.vocabulary, [])
        money = of is not None and probe.measured_key("last_value", of, "")[1] is Kind.MONEY
        return WITHOUT_OF.get(str(how), "money" if money else "number")
