"""What an answer rests on: the same tree as the rule, with the facts, the values and the limits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from anstoss.customers.public import Fact, History, order_of_facts
from anstoss.rules.language import All, AnyOf, Check, Condition, Consent, Not, Ratio, Segment, Sequence, Stage, Text
from anstoss.rules.meaning import is_span, measuring, reading
from anstoss.rules.orders import chains, facts_of, last_words, status_of

MOST_FACTS = 50
"""An evidence names at most so many facts, the newest; ``counted`` says how many there were."""


@dataclass(frozen=True)
class FactAt:
    """A fact by its place in the log, and its event time."""

    seq: int
    n: int
    at: int


@dataclass(frozen=True)
class Setting:
    """What an explanation needs besides: the zone of its times, the currency of its money, names for people."""

    zone: str
    currency: str
    labels: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """Why a condition holds or not.

    ``value`` is what was measured, in the form of the facts (spans of time in microseconds); the limits are the tests
    of ``condition``. ``next_flip`` is when this condition can change by time alone.
    """

    condition: Condition
    holds: bool
    now: int
    next_flip: int | None
    value: Any = None
    counted: int = 0
    facts: tuple[FactAt, ...] = ()
    parts: tuple["Evidence", ...] = ()
    setting: Setting = Setting("UTC", "EUR")

    def data(self) -> dict[str, Any]:
        """As JSON can hold it, for the log: answer, value, limits, facts as [seq, n, at], parts."""
        body: dict[str, Any] = {"condition": _NAMES.get(type(self.condition), "check"), "holds": self.holds}
        if self.parts:
            body["parts"] = [part.data() for part in self.parts]
        else:
            body |= {"value": self.value, "facts": [[fact.seq, fact.n, fact.at] for fact in self.facts]}
        if isinstance(self.condition, Check):
            body["limits"] = {test.op: _plain(test.written) for test in self.condition.tests}
        if self.next_flip is not None:
            body["next_flip"] = self.next_flip
        return body


_NAMES = {
    All: "all",
    AnyOf: "any",
    Not: "not",
    Segment: "segment",
    Stage: "stage",
    Sequence: "sequence",
    Consent: "consent",
}


def _plain(written: Any) -> Any:
    if isinstance(written, dict | list | tuple | str | int | float | bool):
        return written
    return str(written)  # a date as YAML reads it


Observe = Callable[[History, int], Evidence]


def observing(condition: Condition, setting: Setting) -> Observe:
    """A condition, compiled to answer with its evidence."""
    answer = reading(condition)
    parts = [observing(part, setting) for part in _parts(condition)]
    look = _leaf(condition)

    def observe(history: History, now: int) -> Evidence:
        holds, flip = answer(history, now)
        value, facts = look(history, now)
        return Evidence(
            condition,
            holds,
            now,
            flip,
            value,
            len(facts),
            tuple(FactAt(fact.seq, fact.n, fact.at) for fact in facts[-MOST_FACTS:]),
            tuple(part(history, now) for part in parts),
            setting,
        )

    return observe


def _parts(condition: Condition) -> tuple[Condition, ...]:
    match condition:
        case All(parts) | AnyOf(parts):
            return parts
        case Not(part) | Segment(_, part) | Stage(part=part):
            return (part,)
    return ()


def _leaf(condition: Condition) -> Callable[[History, int], tuple[Any, list[Fact]]]:
    match condition:
        case Check():
            return _look_at_measure(condition)
        case Sequence():
            find = chains(condition)
            return lambda history, now: (None, facts_of(find(history, now)[0]))
        case Consent():
            words = last_words(condition)

            def last(history: History, now: int) -> tuple[Any, list[Fact]]:
                said = words(history, now)[0]
                return status_of(said), list(said.values())

            return last
    return lambda history, now: (None, [])


def _look_at_measure(check: Check) -> Callable[[History, int], tuple[Any, list[Fact]]]:
    measured, spans = measuring(check.measure), is_span(check.measure)

    def look(history: History, now: int) -> tuple[Any, list[Fact]]:
        value, facts, *_ = measured(history, now)
        if isinstance(check.measure, Ratio):  # both halves may rest on the same facts
            facts = sorted({(fact.seq, fact.n): fact for fact in facts}.values(), key=order_of_facts)
        return now - value if spans and value is not None else value, facts

    return look
