"""The SQL reading: one DuckDB query that finds everyone for whom a rule holds.

The rows are read once: each condition becomes an aggregate with a filter, grouped by person; sequences and consents,
which look at the order of facts, have a subquery of their own. When a rule can only hold for somebody of whom there is
at least one of its facts, the table of persons is not read at all.
"""

from collections.abc import Iterable

from anstoss.customers.public import History
from anstoss.rules.language import (
    CONSENT_GRANTED,
    CONSENT_WITHDRAWN,
    Aggregate,
    All,
    AnyOf,
    Check,
    Condition,
    Consent,
    Key,
    Kind,
    Measure,
    Metric,
    Not,
    Ratio,
    Segment,
    Selection,
    Sequence,
    Stage,
    Test,
    Where,
    leaves,
)
from anstoss.rules.meaning import is_span, reading
from anstoss.rules.rule import Rule
from anstoss.rules.sql_selecting import AT, ORDER, aggregated, measured, of_names, picked
from anstoss.rules.sql_values import NOW, SqlValue, of_column, of_props, passes, quoted


def sql(rule: Rule) -> str:
    """A query with one column ``person``, one row for each person for whom the rule holds at ``$now``.

    ``$now`` is UTC microseconds. Tables: ``facts`` and ``persons`` of the warehouse.
    """
    query = _Query(rule.condition)
    answer = query.condition(rule.condition)
    alone = query.columns and not any(isinstance(leaf, Sequence | Consent) for leaf in leaves(rule.condition))
    if alone and not reading(rule.condition)(History(), 0)[0]:
        source = "a"
    else:
        source = "persons LEFT JOIN a USING (person)" if query.columns else "persons"
    return f"{query.tables()}SELECT person FROM {source} WHERE {answer}"


def metric_sql(metric: Metric) -> str:
    """A query with columns ``person`` and ``value`` at ``$now``, one row for each person with a value.

    Money in minor units, times in UTC microseconds, days as a number of days; counts only above 0.
    """
    query = _Query()
    value = query.measure(metric.measure)
    shown = {Kind.TIME: value.at, Kind.TEXT: f"nullif({value.text}, '')"}.get(metric.kind, value.number)
    if is_span(metric.measure):
        shown = f"{shown} / 86400000000e0"
    rows = f"SELECT person, {shown} AS value FROM a"
    counted = isinstance(metric.measure, Aggregate) and metric.measure.how in ("count", "distinct")
    return f"{query.tables()}SELECT * FROM ({rows}) WHERE value {'> 0' if counted else 'IS NOT NULL'}"


class _Query:
    """Collects the aggregates and subqueries that a rule needs."""

    def __init__(self, condition: Condition | None = None) -> None:
        self.columns: dict[str, str] = {}
        self.names: set[str] = set()
        self.filters: dict[str, None] = {}
        self.subqueries: dict[str, str] = {}

    def tables(self) -> str:
        """The WITH clause."""
        tables = {query: name for name, query in self.subqueries.items()}
        parts = [f"{name} AS ({query})" for name, query in tables.items()]
        if self.columns:
            listed = ", ".join(f"{call} AS {name}" for call, name in self.columns.items())
            rows = _rows(self.names, self.filters)
            parts.insert(0, f"a AS (SELECT person, {listed} FROM facts WHERE {rows} GROUP BY person)")
        return f"WITH {', '.join(parts)} " if parts else ""

    def condition(self, condition: Condition) -> str:
        """A two-valued expression."""
        match condition:
            case All(parts):
                return "(" + " AND ".join(self.condition(part) for part in parts) + ")"
            case AnyOf(parts):
                return "(" + " OR ".join(self.condition(part) for part in parts) + ")"
            case Not(part):
                return f"(NOT {self.condition(part)})"
            case Segment(_, part) | Stage(part=part):
                return self.condition(part)
            case Check(measure, tests):
                return f"coalesce({passes(tests, self.measure(measure))}, FALSE)"
            case Sequence():
                return f"(person IN (SELECT person FROM {self._subquery(_sequence(condition))}))"
            case Consent():
                return self._consent(condition)

    def measure(self, measure: Measure) -> SqlValue:
        """The value of a measure."""
        if isinstance(measure, Ratio):
            top, bottom = self.measure(measure.top).number, self.measure(measure.bottom).number
            return of_column(f"CAST({top} AS DOUBLE) / nullif(CAST({bottom} AS DOUBLE), 0e0)", Kind.NUMBER)
        self.names.update(measure.selection.names)
        self.filters[picked(measure.selection)] = None
        columns = [self.columns.setdefault(call, f"c{len(self.columns)}") for call in aggregated(measure)]
        return measured(measure, columns)

    def _subquery(self, query: str) -> str:
        return self.subqueries.setdefault(query, f"s{len(self.subqueries)}")

    def _consent(self, consent: Consent) -> str:
        table = self._subquery(_last_words(consent))
        if consent.status == "none":
            return f"(person NOT IN (SELECT person FROM {table}))"
        return f"(person IN (SELECT person FROM {table} WHERE status = {quoted(consent.status)}))"


def _rows(names: Iterable[str], filters: Iterable[str]) -> str:
    either = " OR ".join(f"({one})" for one in filters)
    return f"{AT} <= {NOW} AND {of_names(tuple(sorted(names)))} AND ({either})"


def _sequence(sequence: Sequence) -> str:
    """Persons with a chain: for each step, the latest begin of a chain that came so far before."""
    picks = [picked(Selection(step.names, step.where, sequence.in_last)) for step in sequence.steps]
    names = {name for step in sequence.steps for name in step.names}
    flags = ", ".join(f"({pick}) AS p{i}" for i, pick in enumerate(picks))
    rows = f"SELECT person, {AT}, seq, n, {flags} FROM facts WHERE {_rows(names, picks)}"
    rows = f"SELECT *, CASE WHEN p0 THEN {AT} END AS b0 FROM ({rows})"
    for step in range(1, len(picks)):
        before = f"max(b{step - 1}) OVER (PARTITION BY person ORDER BY {AT}, seq, n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
        rows = f"SELECT *, CASE WHEN p{step} THEN {before} END AS b{step} FROM ({rows})"
    return f"SELECT DISTINCT person FROM ({rows}) WHERE {AT} - b{len(picks) - 1} < {sequence.within.span}"


def _last_words(consent: Consent) -> str:
    """Persons who ever said something about the channel, with granted or withdrawn."""
    where = [Where(Key("channel", Kind.TEXT), (Test("is", consent.channel, consent.channel),))]
    if consent.brand is not None:
        where.append(Where(Key("brand", Kind.TEXT), (Test("is", consent.brand, consent.brand),)))
    said = picked(Selection((CONSENT_GRANTED, CONSENT_WITHDRAWN), tuple(where)))
    brand = f"coalesce({of_props(Key('brand', Kind.TEXT)).text}, '')"
    last = (
        f"SELECT person, arg_max(name = {quoted(CONSENT_GRANTED)}, {ORDER}) AS granted FROM facts "
        f"WHERE {AT} <= {NOW} AND {said} GROUP BY person, {brand}"
    )
    return f"SELECT person, CASE WHEN bool_or(granted) THEN 'granted' ELSE 'withdrawn' END AS status FROM ({last}) GROUP BY person"
