"""Answers change by time alone only where ``next_flip`` says, and never look at what has not happened yet."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from anstoss.brands.public import DAY
from anstoss.customers.public import History
from anstoss.rules.public import compile_rule, holds, measure

from . import strategies as worlds

SPANS = sorted(
    {number * unit for unit in (DAY,) for number in (0, 1, 2, 2.5, 5, 9.75, 14)} | {5_400_000_000, 1_000_000}
)
nows = worlds.instants | st.integers(worlds.BASE, worlds.BASE + 40 * DAY)


def turning_points(history: History, after: int, until: int | None) -> list[int]:
    """Instants at which something could change: a span after a fact or a date in it, and a microsecond around."""
    begins = {fact.at for fact in history.all()} | {
        worlds.BASE - DAY + hour * DAY // 24 for hour in range(0, 42 * 24, 22)
    }
    points = {int(begin + span) + nudge for begin in begins for span in SPANS for nudge in (-1, 0, 1)}
    return sorted(point for point in points if point > after and (until is None or point < until))


@settings(settings.get_profile("rules"))
@given(worlds.rules, worlds.histories(max_size=8), nows, st.data())
def test_next_flip_is_never_late(body: dict[str, Any], history: History, now: int, data: st.DataObject) -> None:
    rule = compile_rule(body, worlds.VOCABULARY)
    answer, flip = rule.test(history, now)
    assert flip is None or flip > now
    points = turning_points(history, now, flip)
    for instant in (
        points if len(points) < 200 else data.draw(st.sets(st.sampled_from(points), min_size=60, max_size=60))
    ):
        assert rule.test(history, instant)[0] is answer, (instant, flip)


@settings(settings.get_profile("rules"))
@given(worlds.rules, worlds.histories(), nows)
def test_what_comes_later_does_not_exist_yet(body: dict[str, Any], history: History, now: int) -> None:
    rule = compile_rule(body, worlds.VOCABULARY)
    known = History(fact for fact in history.all() if fact.at <= now)
    assert rule.test(history, now)[0] is rule.test(known, now)[0]
    for metric in worlds.VOCABULARY.metrics.values():
        assert measure(metric, history, now)[0] == measure(metric, known, now)[0]


@settings(settings.get_profile("rules"))
@given(worlds.rules, worlds.histories(), nows)
def test_the_verdict_says_the_same_as_the_test(body: dict[str, Any], history: History, now: int) -> None:
    rule = compile_rule(body, worlds.VOCABULARY)
    verdict = holds(rule, history, now)
    assert (verdict.holds, verdict.next_flip) == rule.test(history, now)
    assert verdict.evidence.data()["holds"] is verdict.holds


@settings(settings.get_profile("rules"))
@given(worlds.rules, worlds.histories(), worlds.facts(99), nows)
def test_only_facts_it_depends_on_change_an_answer(body: dict[str, Any], history: History, fact: Any, now: int) -> None:
    rule = compile_rule(body, worlds.VOCABULARY)
    before = rule.test(history, now)
    history.add(fact)
    if fact.name not in rule.depends:
        assert rule.test(history, now) == before


@settings(settings.get_profile("rules"))
@given(st.lists(worlds.facts(0), max_size=8), nows)
def test_a_history_does_not_depend_on_the_order_of_arrival(facts: list[Any], now: int) -> None:
    facts = [msgspec.structs.replace(fact, seq=number) for number, fact in enumerate(facts)]
    forward, backward = History(facts), History(reversed(facts))
    assert forward.all() == backward.all()
    for fact in facts:
        assert forward.remove(fact)
        assert not forward.remove(fact)
    assert forward.all() == []
