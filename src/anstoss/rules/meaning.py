"""The Python reading: what a rule means for one history at one instant, compiled once into functions.

Guarantees: facts later than ``now`` do not exist yet; the answer does not change by time alone before ``next_flip``
(which may be early, never late; None = never); a group stops at the first part that decides it, and no other part can
change the answer before that one does.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias, overload

from anstoss.customers.public import Fact, History
from anstoss.rules.language import (
    SPANS,
    Aggregate,
    All,
    AnyOf,
    Check,
    Condition,
    Consent,
    Kind,
    Measure,
    Not,
    Ratio,
    Segment,
    Selection,
    Sequence,
    Stage,
    Tests,
    Within,
    aggregates,
)
from anstoss.rules.orders import consent_reading, sequence_reading
from anstoss.rules.predicates import edges, moments, predicate, span_moments, typed
from anstoss.rules.selecting import earlier, fact_passes, selector, values_of, window_bounds

Reading: TypeAlias = Callable[[History, int], tuple[bool, int | None]]
"""(history, now) -> (answer, next flip)."""

LARGEST_SUMMAND = 1e12
MILLIONTHS = 1e6
_MOST_STEPS = 32


class _Instants:
    """When facts were, in the form of ``Taken``: counting ten thousand, or looking at the last, must touch no other."""

    __slots__ = ("_facts",)

    def __init__(self, facts: list[Fact]) -> None:
        self._facts = facts

    def __len__(self) -> int:
        return len(self._facts)

    @overload
    def __getitem__(self, at: int) -> list[Any]: ...
    @overload
    def __getitem__(self, at: slice) -> "_Instants": ...
    def __getitem__(self, at: int | slice) -> "list[Any] | _Instants":
        return _Instants(self._facts[at]) if isinstance(at, slice) else [self._facts[at].at]

    def __iter__(self) -> Iterator[list[Any]]:
        return ([fact.at] for fact in self._facts)

    def __reversed__(self) -> Iterator[list[Any]]:
        return ([fact.at] for fact in reversed(self._facts))


Taken: TypeAlias = list[list[Any]] | tuple[list[Any], ...] | _Instants
"""What was taken of each selected fact, oldest first."""


class Measured(NamedTuple):
    """A value (in the form of the facts), the facts it comes from, and when those can next be others."""

    value: Any
    facts: list[Fact]
    soon: int | None
    taken: Taken = ()


def reading(condition: Condition) -> Reading:
    """A condition, compiled."""
    match condition:
        case All(parts):
            return _group([reading(part) for part in parts], decided_by=False)
        case AnyOf(parts):
            return _group([reading(part) for part in parts], decided_by=True)
        case Not(part):
            return _opposite(reading(part))
        case Segment(_, part) | Stage(part=part):
            return reading(part)
        case Sequence():
            return sequence_reading(condition)
        case Consent():
            return consent_reading(condition)
        case Check(Aggregate("count", selection)) if len(selection.names) == 1 and not selection.where:
            return _plain_count(condition)
        case Check(Aggregate("last_value", Selection((_,), window=None))) if not _moving(condition):
            return _plain_last_value(condition)
    return _check(condition)


def _group(parts: list[Reading], decided_by: bool) -> Reading:
    if len(parts) == 1:
        return parts[0]

    def group(history: History, now: int) -> tuple[bool, int | None]:
        soon: int | None = None
        for part in parts:
            answer, flip = part(history, now)
            if answer is decided_by:
                return decided_by, flip
            if flip is not None and (soon is None or flip < soon):
                soon = flip
        return not decided_by, soon

    return group


def _opposite(part: Reading) -> Reading:
    def opposite(history: History, now: int) -> tuple[bool, int | None]:
        answer, flip = part(history, now)
        return not answer, flip

    return opposite


def _plain_count(check: Check) -> Reading:
    """Counting facts of one name needs only their times: the most frequent condition by far."""
    selection = check.measure.selection  # type: ignore[union-attr]  # a count is an aggregate
    (name,) = selection.names
    passes = predicate(check.tests, Kind.NUMBER)
    bounds = window_bounds(selection.window)
    span = selection.window.span if isinstance(selection.window, Within) else None
    steps = edges(passes, check.tests)
    without = passes(0, 0)

    def count(history: History, now: int) -> tuple[bool, int | None]:
        row = history.rows.get(name)
        if row is None:
            return without, None
        times = row[0]
        begin, end, soon = bounds(times, now)
        number = end - begin
        if span is not None:
            for fewer in steps:
                if fewer < number:
                    soon = earlier(soon, times[end - fewer - 1] + span)
                    break
        return passes(number, now), soon

    return count


def _moving(check: Check) -> bool:
    where = [one for part in aggregates(check.measure) for one in part.selection.where]
    return any(test.moves for test in check.tests) or any(one.moves for one in where)


def _plain_last_value(check: Check) -> Reading:
    """The last value of one name over all time (traits, stages, scores): read backwards, without copying."""
    aggregate: Any = check.measure
    (name,), kind = aggregate.selection.names, aggregate.of.kind
    values = values_of(aggregate.of.name, Kind.ANY, aggregate.selection)
    selected = fact_passes(aggregate.selection)
    passes = predicate(check.tests, check.kind)
    without = passes(None, 0)

    def last_value(history: History, now: int) -> tuple[bool, int | None]:
        row = history.rows.get(name)
        if row is None:
            return without, None
        soon: int | None = None
        for fact in reversed(row[1]):
            if fact.at > now:
                soon = fact.at
            elif selected is None or selected(fact, now):
                found = values(fact, now)
                if found:
                    return passes(None if found[-1] == "" else typed(kind, found[-1]), now), soon
        return without, soon

    return last_value


def _check(check: Check) -> Reading:
    measured = measuring(check.measure)
    passes = predicate(check.tests, check.kind)
    flip = _next_answer(check.measure, check.tests, check.kind)

    def answer(history: History, now: int) -> tuple[bool, int | None]:
        found = measured(history, now)
        holds = passes(_at(found.value, now) if spans else found.value, now)
        return holds, flip(found, holds, now)

    spans = is_span(check.measure)
    return answer


def is_span(measure: Measure) -> bool:
    """Whether a measure is the time since an instant: measured as that instant, compared as now minus it."""
    return isinstance(measure, Aggregate) and measure.how in SPANS


def _at(since: int | None, now: int) -> int | None:
    return None if since is None else now - since


def measuring(measure: Measure) -> Callable[[History, int], Measured]:
    """A measure, compiled. For days_since_first and days_since_last the value is the instant itself."""
    if isinstance(measure, Ratio):
        return _dividing(measure)
    select = selector(measure.selection)
    take, combine = taking(measure), combining(measure)
    instants = measure.of is None

    def measured(history: History, now: int) -> Measured:
        facts, soon = select(history, now)
        if instants:
            when = _Instants(facts)
            return Measured(combine(when), facts, soon, when)
        taken = [take(fact, now) for fact in facts]
        return Measured(combine(taken), facts, soon, taken)

    return measured


def _dividing(ratio: Ratio) -> Callable[[History, int], Measured]:
    top, bottom = measuring(ratio.top), measuring(ratio.bottom)

    def divided(history: History, now: int) -> Measured:
        upper, lower = top(history, now), bottom(history, now)
        value = None
        if upper.value is not None and lower.value:
            value = float(upper.value) / float(lower.value)
        return Measured(
            value, upper.facts + lower.facts, earlier(_leaving(ratio.top, upper), _leaving(ratio.bottom, lower))
        )

    return divided


def _leaving(part: Aggregate, found: Measured) -> int | None:
    window = part.selection.window
    first = found.facts[0].at + window.span if isinstance(window, Within) and found.facts else None
    return earlier(found.soon, first)


def taking(aggregate: Aggregate) -> Callable[[Fact, int], list[Any]]:
    """What an aggregate takes from each selected fact: any number of values."""
    how, of = aggregate.how, aggregate.of
    if of is None:
        return lambda fact, now: [fact.at]
    return values_of(of.name, Kind.ANY if how in ("distinct", "last_value") else of.kind, aggregate.selection)


def combining(aggregate: Aggregate) -> Callable[[Taken], Any]:
    """From what was taken of the selected facts, oldest first, to the value; None without one."""
    how, kind = aggregate.how, aggregate.of.kind if aggregate.of else Kind.TIME
    if how == "count":
        return len
    if how in ("first_at", "days_since_first"):
        return lambda taken: taken[0][0] if taken else None
    if how in ("last_at", "days_since_last"):
        return lambda taken: taken[-1][0] if taken else None
    if how == "last_value":
        return lambda taken: _last_value(taken, kind)
    exact = kind is Kind.MONEY
    combine: Callable[[list[Any]], Any] = {
        "distinct": _distinct,
        "sum": sum if exact else _sum,
        "average": _average_of_whole if exact else _average,
        "smallest": min,
        "largest": max,
    }[how]

    def combined(taken: Taken) -> Any:
        values = [value for found in taken for value in found]
        return combine(values) if values or how == "distinct" else None

    return combined


def _last_value(taken: Taken, kind: Kind) -> Any:
    for found in reversed(taken):
        if found:
            return None if found[-1] == "" else typed(kind, found[-1])
    return None


def _distinct(values: list[Any]) -> int:
    return len({(value.__class__ is bool, value) for value in values if value != ""})


def _millionths(values: list[Any]) -> int:
    # Whole millionths add up to the same sum in any order, as floating point does not: SQL adds in another order.
    bounded = (min(max(value, -LARGEST_SUMMAND), LARGEST_SUMMAND) for value in values)
    return sum(math.floor(value * MILLIONTHS + 0.5) for value in bounded)


def _sum(values: list[Any]) -> float:
    return float(_millionths(values)) / MILLIONTHS


def _average(values: list[Any]) -> float:
    return float(_millionths(values)) / MILLIONTHS / float(len(values))


def _average_of_whole(values: list[Any]) -> float:
    return float(sum(values)) / float(len(values))


def _next_answer(measure: Measure, tests: Tests, kind: Kind) -> Callable[[Measured, bool, int], int | None]:
    """When the answer of a check can change by time alone, from what was measured."""
    passes = predicate(tests, kind)
    if isinstance(measure, Ratio):
        return lambda found, holds, now: found.soon
    moves = span_moments(tests) if is_span(measure) else moments(tests)
    spans = is_span(measure)
    window = measure.selection.window
    combine = combining(measure)

    def by_moving(value: Any, holds: bool, now: int) -> int | None:
        at = typed(Kind.TIME, value) if kind is Kind.ANY else value
        if at is None:
            return None
        later = (at + move for move in moves if at + move > now)
        return next((then for then in later if passes(_at(at, then) if spans else value, then) is not holds), None)

    if not moves and not isinstance(window, Within):
        return lambda found, holds, now: found.soon

    def next_answer(found: Measured, holds: bool, now: int) -> int | None:
        soon = earlier(found.soon, by_moving(found.value, holds, now))
        if not isinstance(window, Within) or not found.facts:
            return soon
        for left, fact in enumerate(found.facts, start=1):
            leaves = fact.at + window.span
            if (soon is not None and leaves >= soon) or left > _MOST_STEPS:
                return earlier(soon, leaves)
            value = combine(found.taken[left:])
            if passes(_at(value, leaves) if spans else value, leaves) is not holds:
                return leaves
            soon = earlier(soon, by_moving(value, holds, leaves - 1))
        return soon

    return next_answer
