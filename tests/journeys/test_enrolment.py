"""One passage through a journey as a pure thing: starts, arms, waits, exits, and that every program ends."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anstoss.brands.public import DAY, HOUR, MINUTE
from anstoss.customers.public import Fact, History
from anstoss.journeys.enrolment import next_time_of_day
from anstoss.journeys.program import Branch, Jump, WaitFor, WaitUntil
from anstoss.journeys.public import (
    CONTROL,
    TREATED,
    Ended,
    Enrolment,
    GoalReached,
    Journey,
    NotStarted,
    SendNow,
    advance_enrolment,
    arm_of,
    entry_id,
    is_over,
    known_zone,
    matches,
    may_start,
    meet,
    parse_journey,
    reason_words,
    step_of,
)
from anstoss.rules.public import Vocabulary

NOON = 1_760_004_000_000_000  # 9 October 2025, 12:00 in Berlin
BERLIN = "Europe/Berlin"


def journey(**parts: Any) -> Journey:
    body = {"journey": "j", "start": {"on": "Go"}, "steps": [{"send": "hello"}], **parts}
    return parse_journey(body, 1, Vocabulary(), {"hello": "marketing"})


def enrolment(of: Journey, now: int = NOON, **parts: Any) -> Enrolment:
    goal_until = now + of.goal.within if of.goal else None
    return Enrolment("e", of.key, 1, now, now, "shop", "", TREATED, (1, 0), {}, goal_until=goal_until, **parts)


def fact(name: str, at: int = NOON, **props: Any) -> Fact:
    return Fact(at, 2, 0, name, "shop", 0, 0, props)


# -- starting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("again", "past", "reason"),
    [
        (None, [], None),
        (None, [NOON - 900 * DAY], "once_only"),
        ({}, [NOON], None),
        ({"after": "7d"}, [NOON - 7 * DAY], None),
        ({"after": "7d"}, [NOON - 7 * DAY + 1], "too_soon"),
        ({"after": "7d"}, [NOON - 99 * DAY, NOON - DAY], "too_soon"),
        ({"at_most": 2}, [NOON - 2], None),
        ({"at_most": 2}, [NOON - 2, NOON - 1], "at_most"),
        ({"at_most": 1, "after": "1d"}, [NOON - 1], "at_most"),
    ],
)
def test_when_somebody_may_pass_through_once_more(again: Any, past: list[int], reason: str | None) -> None:
    of = journey(**({} if again is None else {"again": again}))
    refused = may_start(of, "", NOON, [], past)
    assert (refused.reason if refused else None) == reason
    if refused is not None:
        assert refused.reason in reason_words()
        assert all("{" not in text.format_map(refused.data) for text in reason_words()[refused.reason].values())


@pytest.mark.parametrize(
    ("key", "running_key", "ended", "starts"),
    [("", "", False, False), ("order_id", "A", False, False), ("order_id", "B", False, True), ("", "", True, True)],
)
def test_nobody_is_in_a_journey_twice_for_the_same_key(key: str, running_key: str, ended: bool, starts: bool) -> None:
    of = journey(key=key, again={})
    there = enrolment(of)
    there.key = running_key
    there.ended_at = NOON if ended else None
    refused = may_start(of, "A", NOON, [there], [NOON - 1])
    assert (refused is None) is starts
    assert starts or refused == NotStarted("running", {"entry": "e", "started_at": NOON})


def test_every_reason_has_words_in_both_languages() -> None:
    for code, words in reason_words().items():
        assert set(words) == {"de", "en"}, code
        assert words["de"] != words["en"]


@given(st.integers(0, 90), st.sampled_from([b"seed", b"other seed", b"x" * 80]))
def test_the_control_group_has_its_share_and_keeps_its_people(percent: int, seed: bytes) -> None:
    of = journey(holdout=f"{percent}%")
    arms = [arm_of(seed, of, str(person)) for person in range(2_000)]
    share = Counter(arms)[CONTROL] / 2_000
    assert abs(share - percent / 100) <= 0.05, "within 4.5 standard deviations"
    assert arms == [arm_of(seed, of, str(person)) for person in range(2_000)]
    wider = journey(holdout=f"{min(percent + 5, 90)}%")
    wide = [arm_of(seed, wider, str(person)) for person in range(2_000)]
    assert all(now == CONTROL for before, now in zip(arms, wide, strict=True) if before == CONTROL), (
        "growing it keeps them"
    )


def test_control_groups_of_two_journeys_and_two_instances_are_independent() -> None:
    one, other = journey(holdout="50%"), journey(holdout="50%", journey="other")
    people = [str(number) for number in range(2_000)]
    for pair in (
        [(arm_of(b"s", one, who), arm_of(b"s", other, who)) for who in people],
        [(arm_of(b"s", one, who), arm_of(b"t", one, who)) for who in people],
    ):
        assert all(400 < count < 600 for count in Counter(pair).values())
        assert len(Counter(pair)) == 4


def test_an_entry_has_one_id_whoever_computes_it() -> None:
    trigger = fact("Go")
    assert entry_id("j", trigger, "A") == entry_id("j", trigger, "A")
    others = [
        entry_id("k", trigger, "A"),
        entry_id("j", trigger, "B"),
        entry_id("j", Fact(0, 2, 1, "Go", "", 0, 0, {}), "A"),
    ]
    assert len({entry_id("j", trigger, "A"), *others}) == 4


# -- meeting facts ----------------------------------------------------------------------------------------------------

WHOLE = journey(
    leave_on=["Unsubscribed", {"event": "Order Completed", "where": {"order_id": "x"}}],
    goal={"event": "Order Completed", "within": "7d"},
    steps=[{"wait": {"for": {"event": "Clicked"}, "at_most": "2d"}}, {"send": "hello"}, {"wait": "30d"}],
)


def under_way() -> Enrolment:
    going = enrolment(WHOLE)
    assert advance_enrolment(WHOLE, going, NOON, History(), BERLIN) == []
    assert (going.due, going.listening) == (NOON + 2 * DAY, True)
    return going


def test_the_awaited_event_ends_the_wait_at_once() -> None:
    going = under_way()
    assert meet(WHOLE, going, fact("Clicked", NOON + HOUR), NOON + HOUR) == []
    assert going.due == NOON + HOUR
    [sent] = advance_enrolment(WHOLE, going, NOON + HOUR, History(), BERLIN)
    assert isinstance(sent, SendNow)
    assert (going.due, going.listening) == (NOON + HOUR + 30 * DAY, False)
    assert meet(WHOLE, going, fact("Clicked", NOON + 2 * HOUR), NOON + 2 * HOUR) == []
    assert going.due == NOON + HOUR + 30 * DAY, "it waits for time now"


def test_the_goal_ends_it_and_counts_first() -> None:
    going = under_way()
    reached, ended = meet(WHOLE, going, fact("Order Completed", NOON + 1, order_id="x"), NOON + 1)
    assert isinstance(reached, GoalReached)
    assert isinstance(ended, Ended)
    assert (ended.reason, ended.step, ended.withdraws) == ("goal", "wait", True)
    assert (going.is_running, going.wakes_at) == (False, None)
    assert meet(WHOLE, going, fact("Order Completed", NOON + 2), NOON + 2) == [], "once"


def test_an_exit_ends_it_and_the_goal_still_counts_in_its_time() -> None:
    going = under_way()
    [left] = meet(WHOLE, going, fact("Unsubscribed", NOON + 1), NOON + 1)
    assert isinstance(left, Ended)
    assert left.reason == "left"
    assert going.wakes_at == NOON + 7 * DAY
    [reached] = meet(WHOLE, going, fact("Order Completed", NOON + 7 * DAY - 1), NOON + 7 * DAY - 1)
    assert isinstance(reached, GoalReached)


def test_after_its_time_the_goal_is_a_purchase_like_any_other() -> None:
    going = under_way()
    assert meet(WHOLE, going, fact("Order Completed", NOON + 7 * DAY, order_id="y"), NOON + 7 * DAY) == []
    assert going.is_running
    [left] = meet(WHOLE, going, fact("Unsubscribed", NOON + 8 * DAY), NOON + 8 * DAY)
    assert isinstance(left, Ended)
    assert going.wakes_at is None


def test_what_happened_before_the_trigger_is_not_met_however_late_it_arrives() -> None:
    going = under_way()
    assert meet(WHOLE, going, fact("Order Completed", NOON - 1), NOON + HOUR) == []
    assert meet(WHOLE, going, fact("Unsubscribed", NOON - 1), NOON + HOUR) == []
    assert going.is_running


@pytest.mark.parametrize(
    ("name", "at", "over"),
    [
        ("Unsubscribed", 1, True),
        ("Order Completed", 1, True),
        ("Clicked", 1, False),
        ("Unsubscribed", 0, False),
        ("Unsubscribed", -1, False),
    ],
)
def test_what_ends_it_may_have_arrived_before_its_trigger(name: str, at: int, over: bool) -> None:
    assert is_over(WHOLE, fact("Go"), History([fact(name, NOON + at), fact("Go")])) is over
    assert not is_over(journey(), fact("Go"), History([fact(name, NOON + at)]))


def test_a_fact_matches_by_itself() -> None:
    trigger = journey(start={"on": "Go", "where": {"value": {"above": 20}}}).trigger
    assert matches(trigger, fact("Go", value=2001))
    assert not matches(trigger, fact("Go", value=2000))
    assert not matches(trigger, fact("Went", value=2001))


def test_where_somebody_stands_is_named_by_the_step_she_waits_in() -> None:
    of = journey(
        steps=[{"wait": "1h"}, {"branch": [{"when": {"did": {"event": "X"}}, "steps": [{"wait": "1d", "id": "in"}]}]}]
    )
    going = enrolment(of)
    assert step_of(of, going) == "wait"
    advance_enrolment(of, going, NOON, History(), BERLIN)
    assert step_of(of, going) == "wait"
    advance_enrolment(of, going, NOON + HOUR, History([fact("X")]), BERLIN)
    assert step_of(of, going) == "in"
    going.due = None
    assert step_of(of, going) == "end", "between an arm and where arms join"
    [ended] = advance_enrolment(of, going, NOON + 2 * DAY, History(), BERLIN)
    assert isinstance(ended, Ended)
    assert (ended.reason, ended.withdraws, step_of(of, going)) == ("completed", False, "end")


# -- every program ends -----------------------------------------------------------------------------------------------

WHEN = st.sampled_from([{"did": {"event": "X"}}, {"did_not": {"event": "X"}}])
SIMPLE = st.sampled_from(
    [
        {"wait": "1h"},
        {"wait": {"until": "02:30"}},
        {"wait": {"for": "Clicked", "at_most": "1d"}},
        {"send": "hello"},
        {"end": "enough"},
    ]
)


def _branches(block: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    arm = st.builds(lambda when, steps: {"when": when, "steps": steps}, WHEN, block)
    rest = st.lists(st.builds(lambda steps: {"otherwise": True, "steps": steps}, block), max_size=1)
    branch = st.builds(lambda arms, last: {"branch": [*arms, *last]}, st.lists(arm, min_size=1, max_size=3), rest)
    return st.lists(SIMPLE | branch, max_size=4)


BLOCKS = st.recursive(st.lists(SIMPLE, max_size=4), _branches, max_leaves=6)


def named(block: list[Any], count: list[int]) -> list[Any]:
    """The block with an id of its own for each message."""
    steps = []
    for step in block:
        if "branch" in step:
            step = {"branch": [{**arm, "steps": named(arm["steps"], count)} for arm in step["branch"]]}
        elif "send" in step:
            count[0] += 1
            step = {**step, "id": f"mail-{count[0]}"}
        steps.append(step)
    return steps


def walked(block: list[Any], x: bool) -> tuple[list[str], bool]:
    """What the block means, read as people read it: kinds of steps in order, and whether it ended early."""
    done: list[str] = []
    for step in block:
        if "branch" in step:
            arms = (arm for arm in step["branch"] if "otherwise" in arm or ("did" in arm["when"]) == x)
            inner, ended = walked(next(arms, {"steps": []})["steps"], x)
            done += inner
            if ended:
                return done, True
        elif "end" in step:
            return done, True
        else:
            done.append("send" if "send" in step else "wait")
    return done, False


@given(BLOCKS.filter(bool), st.booleans())
def test_every_program_ends_having_done_what_its_blocks_say(block: list[Any], x: bool) -> None:
    steps = named(block, [0])
    of = journey(steps=steps)
    for place, operation in enumerate(of.program):
        targets = [operation.target] if isinstance(operation, Jump) else []
        targets += [target for _, target in operation.arms] if isinstance(operation, Branch) else []
        assert all(place < target < len(of.program) for target in targets), "forward only, and inside"
        assert not isinstance(operation, Branch) or operation.arms[-1][0] is None
    going, now, done = enrolment(of), NOON, []
    history = History([fact("X")] if x else [])
    for _ in range(len(of.program) + 1):
        effects = advance_enrolment(of, going, now, history, BERLIN)
        done += ["send" for effect in effects if isinstance(effect, SendNow)]
        if not going.is_running:
            break
        assert going.due is not None
        assert going.due >= now
        assert going.wakes_at == going.due
        now = going.due
        done.append("wait")
    want, early = walked(steps, x)
    assert done == want
    assert going.reason == ("enough" if early else "completed")


# -- times of day -----------------------------------------------------------------------------------------------------

ZONES = [BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo"]


@pytest.mark.parametrize("zone", ZONES)
@given(
    now=st.integers(NOON, NOON + 900 * DAY) | st.sampled_from([NOON + 7 * HOUR * step for step in range(900)]),
    minute=st.integers(0, 1439),
)
def test_a_time_of_day_is_the_next_at_which_clocks_show_it(zone: str, now: int, minute: int) -> None:
    found = next_time_of_day(now, minute, zone)
    assert now <= found <= now + DAY + 3 * HOUR
    shown = datetime.fromtimestamp(found / 1_000_000, ZoneInfo(zone))
    wanted = (minute // 60, minute % 60)
    if (shown.hour, shown.minute) != wanted:  # a time that this night skips
        wall = datetime(shown.year, shown.month, shown.day, *wanted, tzinfo=ZoneInfo(zone))
        assert wall.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall.replace(tzinfo=None)
        assert (
            timedelta()
            < shown.replace(tzinfo=None) - wall.replace(tzinfo=None)
            <= HOUR / 1_000_000 * timedelta(seconds=1)
        )
    assert found % MINUTE == 0
    assert next_time_of_day(found, minute, zone) == found, "now counts"


@pytest.mark.parametrize("zone", ZONES)
def test_every_day_has_each_time_once_also_when_clocks_change(zone: str) -> None:
    at, found = NOON, []
    for _ in range(400):
        at = next_time_of_day(at, 150, zone)
        found.append(at)
        at += 1
    spans = {later - earlier for earlier, later in pairwise(found)}
    assert spans <= {DAY, DAY - HOUR, DAY + HOUR, DAY - HOUR // 2, DAY + HOUR // 2}


@pytest.mark.parametrize(
    ("now", "minute", "then"),
    [
        ("2026-03-29T00:00+01:00", 150, "2026-03-29T03:30+02:00"),
        ("2026-03-28T12:00+01:00", 150, "2026-03-29T03:30+02:00"),
        ("2026-10-24T12:00+02:00", 150, "2026-10-25T02:30+02:00"),
        ("2026-10-25T02:45+02:00", 150, "2026-10-26T02:30+01:00"),
        ("2026-05-01T09:00+02:00", 540, "2026-05-01T09:00+02:00"),
        ("2026-05-01T09:00:00.000001+02:00", 540, "2026-05-02T09:00+02:00"),
        ("2026-12-31T23:59+01:00", 0, "2027-01-01T00:00+01:00"),
    ],
)
def test_the_nights_in_which_clocks_change(now: str, minute: int, then: str) -> None:
    instant = round(datetime.fromisoformat(now).timestamp() * 1_000_000)
    assert next_time_of_day(instant, minute, BERLIN) == int(datetime.fromisoformat(then).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("name", "zone"),
    [(BERLIN, BERLIN), ("", ""), ("CEST?", ""), ("../../etc/passwd", ""), ("Europe", ""), ("UTC", "UTC"), ("\x00", "")],
)
def test_a_zone_is_one_that_exists(name: str, zone: str) -> None:
    assert known_zone(name) == zone


def test_waits_of_each_kind_are_what_they_say() -> None:
    of = journey(steps=[{"wait": {"until": "14:00"}}, {"wait": {"for": "Clicked", "at_most": "1d"}}])
    assert [type(operation) for operation in of.program[:2]] == [WaitUntil, WaitFor]
    going = enrolment(of)
    advance_enrolment(of, going, NOON, History(), BERLIN)
    assert (going.due, going.listening) == (NOON + 2 * HOUR, False)
    advance_enrolment(of, going, NOON + 2 * HOUR, History(), BERLIN)
    assert (going.due, going.listening) == (NOON + 2 * HOUR + DAY, True)
