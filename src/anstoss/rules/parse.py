"""Checking rules: from what an author wrote (YAML or JSON) to a condition, or to everything that is wrong with it."""

from collections.abc import Mapping

from anstoss.customers.public import fold_text, is_identifying_trait
from anstoss.rules.language import (
    STAGE_ENTERED,
    TRAITS_SET,
    Aggregate,
    All,
    AnyOf,
    Check,
    Condition,
    Consent,
    Key,
    Kind,
    Not,
    Segment,
    Selection,
    Sequence,
    Stage,
    Test,
    Tests,
    Vocabulary,
    Where,
    Within,
)
from anstoss.rules.literals import key_of
from anstoss.rules.parse_selections import SELECTION_KEYS, SelectionReader
from anstoss.rules.problems import Problem, RuleError, unknown

MAX_DEPTH = 32
MAX_CONDITIONS = 500

COUNTS = ("at_least", "at_most", "exactly")
MEASURES = ("sum", "average", "smallest", "largest", "distinct")
ENDS = {"first": "first_at", "last": "last_at"}
ASKS = (*COUNTS, *MEASURES, *ENDS)
"""What ``did`` and ``message`` can ask of the selected facts."""

REACTIONS = {
    "handed": "Message Handed",
    "sent": "Message Sent",
    "delivered": "Email Delivered",
    "opened": "Email Opened",
    "clicked": "Email Link Clicked",
    "bounced": "Email Bounced",
    "complained": "Email Marked as Spam",
    "unsubscribed": "Unsubscribed",
}
MESSAGE_FILTERS = ("journey", "step", "template", "channel")
STATUSES = ("granted", "withdrawn", "none")
GROUPS = ("all", "any", "not")
CONDITIONS = ("did", "did_not", "sequence", "trait", "metric", "stage", "consent", "message", "segment")

_NOTHING = All(())


def parse_rule(body: object, vocabulary: Vocabulary) -> Condition:
    """The condition that ``body`` states.

    :raises RuleError: with every problem found.
    """
    parser = _Parser(vocabulary, [])
    condition = parser.rule(body, "rule", 1)
    if parser.problems:
        raise RuleError(parser.problems)
    return condition


class _Parser(SelectionReader):
    def __init__(self, vocabulary: Vocabulary, problems: list[Problem]) -> None:
        super().__init__(vocabulary, problems)
        self.conditions = 0
        self.open_segments: list[str] = []

    def rule(self, body: object, place: str, depth: int) -> Condition:
        self.conditions += 1
        if depth > MAX_DEPTH or self.conditions > MAX_CONDITIONS:
            if self.conditions <= MAX_CONDITIONS + 1 or depth > MAX_DEPTH:
                self.wrong(
                    place,
                    None,
                    f"Zu groß: höchstens {MAX_DEPTH} Ebenen und {MAX_CONDITIONS} Bedingungen.",
                    f"Too large: at most {MAX_DEPTH} levels and {MAX_CONDITIONS} conditions.",
                )
            return _NOTHING
        if not isinstance(body, Mapping) or len(body) != 1:
            self.wrong(
                place,
                body,
                "Eine Bedingung ist genau eine Angabe, z. B. did: {...}; mehrere stehen in all: [...].",
                "A condition is exactly one key, e.g. did: {...}; several go into all: [...].",
            )
            return _NOTHING
        ((word, inner),) = body.items()
        place = f"{place}.{word}"
        if word in ("all", "any"):
            return self._group(word, inner, place, depth)
        if word == "not":
            return Not(self.rule(inner, place, depth + 1))
        if word == "segment":
            return self._segment(inner, place, depth)
        if word in CONDITIONS:
            read: Condition = getattr(self, f"_{word}")(inner, place)
            return read
        self.problems.append(unknown(place, ("Die Bedingung", "The condition"), word, (*GROUPS, *CONDITIONS)))
        return _NOTHING

    def _group(self, word: str, parts: object, place: str, depth: int) -> Condition:
        if not isinstance(parts, list | tuple) or not parts:
            self.wrong(place, parts, "Hier steht eine Liste von Bedingungen.", "This is a list of conditions.")
            return _NOTHING
        read = tuple(self.rule(part, f"{place}[{i}]", depth + 1) for i, part in enumerate(parts))
        return All(read) if word == "all" else AnyOf(read)

    def _segment(self, key: object, place: str, depth: int) -> Condition:
        if not isinstance(key, str) or key not in self.vocabulary.segments:
            self.problems.append(unknown(place, ("Das Segment", "The segment"), key, self.vocabulary.segments))
            return _NOTHING
        if key in self.open_segments:
            path = " > ".join([*self.open_segments[self.open_segments.index(key) :], key])
            self.wrong(place, key, f"Segmente im Kreis: {path}.", f"Segments in a circle: {path}.")
            return _NOTHING
        self.open_segments.append(key)
        part = self.rule(self.vocabulary.segments[key], f"{place}({key})", depth + 1)
        self.open_segments.pop()
        return Segment(key, part)

    def _did(self, body: object, place: str) -> Condition:
        fields = self.mapping(body, place, (*SELECTION_KEYS, *ASKS), needs=("event",))
        return self._asked(fields, self.selection(fields, place), place)

    def _did_not(self, body: object, place: str) -> Condition:
        fields = self.mapping(body, place, SELECTION_KEYS, needs=("event",))
        return _count(self.selection(fields, place), Test("is", 0, 0))

    def _asked(self, fields: Mapping[str, object], selection: Selection, place: str) -> Condition:
        counts = tuple(
            Test("is" if word == "exactly" else word, self._count(fields[word], word, f"{place}.{word}"), fields[word])
            for word in COUNTS
            if word in fields
        )
        if not any(word in fields for word in ASKS):
            counts = (Test("at_least", 1, 1),)
        checks = [_count(selection, *counts)] if counts else []
        checks += [self._measured(word, fields[word], selection, place) for word in MEASURES if word in fields]
        for word, how in ENDS.items():
            if word in fields:
                tests = self.read(fields[word], f"{place}.{word}", Kind.TIME)
                checks.append(Check(Aggregate(how, selection), tests, Kind.TIME))
        return checks[0] if len(checks) == 1 else All(tuple(checks))

    def _count(self, written: object, word: str, place: str) -> int:
        least = 1 if word == "at_least" else 0
        if isinstance(written, int) and not isinstance(written, bool) and least <= written <= 1_000_000:
            return written
        self.wrong(
            place, written, f"Hier steht eine ganze Zahl ab {least}.", f"This is a whole number, {least} or more."
        )
        return 1

    def _measured(self, how: str, body: object, selection: Selection, place: str) -> Check:
        place = f"{place}.{how}"
        fields = self.mapping(body, place, body if isinstance(body, Mapping) else (), needs=("of",))
        name, kind = self.measured_key(how, fields.get("of"), f"{place}.of")
        tests = {op: value for op, value in fields.items() if op != "of"}
        if how == "distinct":
            return Check(Aggregate(how, selection, Key(name, kind)), self.read(tests, place, Kind.NUMBER))
        kind = Kind.NUMBER if kind is Kind.ANY else kind
        return Check(Aggregate(how, selection, Key(name, kind)), self.read(tests, place, kind), kind)

    def _message(self, body: object, place: str) -> Condition:
        allowed = ("reaction", *MESSAGE_FILTERS, "within", "between", *ASKS)
        fields = self.mapping(body, place, allowed, needs=("reaction",))
        reaction = fields.get("reaction", "sent")
        if not isinstance(reaction, str) or reaction not in REACTIONS:
            self.problems.append(unknown(f"{place}.reaction", ("Die Reaktion", "The reaction"), reaction, REACTIONS))
            return _NOTHING
        where = tuple(
            Where(Key(key, Kind.TEXT), self.read(fields[key], f"{place}.{key}", Kind.TEXT))
            for key in MESSAGE_FILTERS
            if key in fields
        )
        selection = Selection((REACTIONS[reaction],), where, self.window(fields, place))
        return self._asked(fields, selection, place)

    def _sequence(self, body: object, place: str) -> Condition:
        fields = self.mapping(body, place, ("steps", "within", "in_last"), needs=("steps", "within"))
        steps = fields.get("steps", ())
        if not isinstance(steps, list | tuple) or not 2 <= len(steps) <= 5:
            self.wrong(f"{place}.steps", steps, "Hier stehen 2 bis 5 Schritte.", "This is 2 to 5 steps.")
            return _NOTHING
        read = tuple(self.step(step, f"{place}.steps[{i}]") for i, step in enumerate(steps))
        within = self.span(fields["within"], f"{place}.within") if "within" in fields else None
        in_last = self.span(fields["in_last"], f"{place}.in_last") if "in_last" in fields else None
        return Sequence(read, within or Within(0, ""), in_last)

    def _trait(self, body: object, place: str) -> Condition:
        pairs = self._pairs(body, place)
        return _all([self._one_trait(key, test, f"{place}.{key}") for key, test in pairs.items()])

    def _one_trait(self, written: object, test: object, place: str) -> Check:
        key = key_of(self.key_name(written, place))
        tests = self.read(test, place, key.kind, path=key.name == "category")
        if is_identifying_trait(key.name):
            self.refuse_identifier(tests, place)
        return Check(Aggregate("last_value", Selection((TRAITS_SET,)), key), tests, key.kind)

    def _metric(self, body: object, place: str) -> Condition:
        pairs = self._pairs(body, place)
        return _all([self._one_metric(key, test, f"{place}.{key}") for key, test in pairs.items()])

    def _one_metric(self, key: object, test: object, place: str) -> Condition:
        metric = self.vocabulary.metrics.get(key) if isinstance(key, str) else None
        if metric is None:
            self.problems.append(unknown(place, ("Die Kennzahl", "The metric"), key, self.vocabulary.metrics))
            return _NOTHING
        return Check(metric.measure, self.read(test, place, metric.kind), metric.kind, metric)

    def _pairs(self, body: object, place: str) -> Mapping[object, object]:
        if isinstance(body, Mapping) and body:
            return body
        self.wrong(place, body, "Hier steht schlüssel: prüfung.", "This is key: test.")
        return {}

    def _stage(self, body: object, place: str) -> Condition:
        fields = self.mapping(body, place, ("lifecycle", "in", "for_at_least"), needs=("lifecycle", "in"))
        lifecycle = fields.get("lifecycle")
        known = self.vocabulary.lifecycles
        if not isinstance(lifecycle, str) or lifecycle not in known:
            self.problems.append(unknown(f"{place}.lifecycle", ("Der Lebenszyklus", "The lifecycle"), lifecycle, known))
            return _NOTHING
        written = fields.get("in", ())
        stages = list(written) if isinstance(written, list | tuple) else [written]
        if not stages and "in" in fields:
            self.wrong(f"{place}.in", written, "Hier stehen Stufen.", "This is a list of stages.")
        for i, stage in enumerate(stages):
            if stage not in known[lifecycle]:
                self.problems.append(unknown(f"{place}.in[{i}]", ("Die Stufe", "The stage"), stage, known[lifecycle]))
        held = self.span(fields["for_at_least"], f"{place}.for_at_least") if "for_at_least" in fields else None
        return _stage(lifecycle, tuple(str(stage) for stage in stages), held)

    def _consent(self, body: object, place: str) -> Condition:
        fields = self.mapping(body, place, ("channel", "brand", "status"), needs=("channel",))
        status = fields.get("status", "granted")
        if not isinstance(status, str) or status not in STATUSES:
            self.problems.append(unknown(f"{place}.status", ("Der Stand", "The status"), status, STATUSES))
        keys = {}
        for key in ("channel", "brand"):
            if key in fields:
                (test,) = self.read({"is": fields[key]}, f"{place}.{key}", Kind.TEXT) or (Test("is", "", ""),)
                keys[key] = str(test.value)
        return Consent(keys.get("channel", ""), keys.get("brand"), str(status))


def _count(selection: Selection, *tests: Test) -> Check:
    return Check(Aggregate("count", selection), tests)


def _all(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _stage(lifecycle: str, stages: tuple[str, ...], held: Within | None) -> Stage:
    folded = fold_text(lifecycle)
    here: Tests = (Test("is", folded, lifecycle),)
    entered = Selection((STAGE_ENTERED,), (Where(Key("lifecycle", Kind.TEXT), here),))
    stage = Test("in", tuple(fold_text(key) for key in stages), stages)
    parts: list[Condition] = [Check(Aggregate("last_value", entered, Key("stage", Kind.TEXT)), (stage,), Kind.TEXT)]
    if held:
        since = Test("at_least", held.span, held.written)
        parts.append(Check(Aggregate("days_since_last", entered), (since,), Kind.DAYS))
    return Stage(lifecycle, stages, held, _all(parts))
