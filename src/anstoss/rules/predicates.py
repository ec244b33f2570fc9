"""The meaning of a test on one value, as functions compiled once.

A value is None (missing), text, a number or yes/no. Guarantees: ``is_not`` and ``not_in`` are exactly the opposite of
``is`` and ``in``, hence true for what is missing; every other test but ``known: false`` is false for what is missing
or of another type; yes/no is not a number.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from anstoss.rules.language import Ago, Instant, Kind, Test, Tests
from anstoss.rules.literals import instant_of_text

Predicate: TypeAlias = Callable[[Any, int], bool]
"""(value, now) -> whether it passes."""


def is_number(value: object) -> bool:
    """Whether a value is a number; yes/no is none."""
    return value.__class__ is int or value.__class__ is float


def typed(kind: Kind, value: Any) -> Any:
    """The value if it is of that kind, else None. Text that states an instant becomes its microseconds."""
    if kind is Kind.ANY:
        return value
    if kind is Kind.TEXT:
        return value if value.__class__ is str else None
    if kind is Kind.TIME:
        return instant_of_text(value)
    if kind is Kind.NUMBER:
        return value if is_number(value) else None
    return value if value.__class__ is int else None


def predicate(tests: Tests, kind: Kind) -> Predicate:
    """All tests on a value of that kind (text that states an instant, when tested by before, after, between)."""
    compiled = [_one(test, kind) for test in tests]
    if len(compiled) == 1:
        return compiled[0]
    return lambda value, now: all(passes(value, now) for passes in compiled)


def _one(test: Test, kind: Kind) -> Predicate:
    if test.op in ("is_not", "not_in"):
        same = _one(Test("is" if test.op == "is_not" else "in", test.value, test.written), kind)
        return lambda value, now: not same(value, now)
    if test.op == "known":
        wanted = test.value
        return lambda value, now: (value is not None and value != "") is wanted
    sample = test.value[0] if isinstance(test.value, tuple) else test.value
    if isinstance(sample, Instant | Ago):
        return _time(test, kind)
    if test.op in ("is", "in"):
        return _equal(test.value if test.op == "in" else (test.value,))
    return _text(test.op, test.value) if isinstance(sample, str) else _number(test.op, test.value)


def _equal(values: Any) -> Predicate:
    flags = {value for value in values if value.__class__ is bool}
    others = frozenset(value for value in values if value.__class__ is not bool)
    if not flags and len(others) == 1:
        (only,) = others
        if only.__class__ is str:
            return lambda value, now: value == only
        return lambda value, now: value == only and value.__class__ is not bool
    return lambda value, now: value in (flags if value.__class__ is bool else others)


def _text(op: str, asked: Any) -> Predicate:
    if op == "contains":
        return lambda value, now: value.__class__ is str and asked in value
    if op == "starts_with":
        return lambda value, now: value.__class__ is str and value.startswith(asked)
    below = asked + "/"
    return lambda value, now: value.__class__ is str and (value == asked or value.startswith(below))


def _number(op: str, asked: Any) -> Predicate:
    if op == "above":
        return lambda value, now: is_number(value) and value > asked
    if op == "below":
        return lambda value, now: is_number(value) and value < asked
    if op == "at_least":
        return lambda value, now: is_number(value) and value >= asked
    if op == "at_most":
        return lambda value, now: is_number(value) and value <= asked
    low, high = asked
    return lambda value, now: is_number(value) and low <= value <= high


def _time(test: Test, kind: Kind) -> Predicate:
    compare = _instants(test)
    if kind is Kind.TIME:
        return lambda value, now: value is not None and compare(value, now)

    def of_text(value: Any, now: int) -> bool:
        at = instant_of_text(value)
        return at is not None and compare(at, now)

    return of_text


def _instants(test: Test) -> Predicate:
    asked: Any = test.value
    if isinstance(asked, Ago):
        span = asked.span
        if test.op == "before":
            return lambda at, now: at < now - span
        return lambda at, now: at > now - span
    if test.op == "between":
        start, end = asked[0].at, asked[1].at
        return lambda at, now: start <= at < end
    fixed = asked.at
    if test.op == "before":
        return lambda at, now: at < fixed
    return lambda at, now: at > fixed


def moments(tests: Tests) -> tuple[int, ...]:
    """How long after an instant the answer of moving tests on it can change, in microseconds."""
    spans = {test.value.span for test in tests if isinstance(test.value, Ago)}
    return tuple(sorted(spans | {span + 1 for span in spans}))


def span_moments(tests: Tests) -> tuple[int, ...]:
    """How long after an instant the answer of tests on the time since then can change, in microseconds."""
    spans: set[int] = set()
    for test in tests:
        values = test.value if isinstance(test.value, tuple) else (test.value,)
        spans.update(value for value in values if is_number(value))
    return tuple(sorted(spans | {span + 1 for span in spans}))


def edges(passes: Predicate, tests: Tests) -> tuple[int, ...]:
    """Counts c, largest first, at which the answer for c and for c + 1 differ."""
    near: set[int] = {0}
    for test in tests:
        for value in test.value if isinstance(test.value, tuple) else (test.value,):
            if is_number(value):
                near.update(range(int(value) - 2, int(value) + 3))
    return tuple(c for c in sorted(near, reverse=True) if c >= 0 and passes(c, 0) != passes(c + 1, 0))
