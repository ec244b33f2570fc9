"""One person's passage through a journey, moved by facts and by time. Pure: what should happen is returned."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from anstoss.customers.public import Fact, History
from anstoss.journeys.program import Branch, End, Goal, Journey, Jump, Operation, Send, Wait, WaitFor, WaitUntil
from anstoss.rules.public import Rule

TREATED, CONTROL = "treated", "control"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Enrolment(msgspec.Struct, array_like=True):
    """A person in a journey. Instants are UTC microseconds.

    ``entry`` never changes, also when the person is merged into another. The trigger happened at ``triggered_at`` and
    arrived at ``started_at``. ``at_step`` is a place in the program of ``version``; ``due`` is when it goes on by
    itself. After ``ended_at`` an enrolment lives on only until ``goal_until``, to see whether the goal is still
    reached.
    """

    entry: str
    journey: str
    version: int
    triggered_at: int
    started_at: int
    brand: str
    key: str
    arm: str
    cause: tuple[int, int]
    context: dict[str, Any]
    at_step: int = 0
    due: int | None = None
    listening: bool = False
    goal_until: int | None = None
    ended_at: int | None = None
    reason: str = ""

    @property
    def is_running(self) -> bool:
        """Whether there are steps to come."""
        return self.ended_at is None

    @property
    def wakes_at(self) -> int | None:
        """When time alone moves it next."""
        return self.due if self.is_running else self.goal_until


@dataclass(frozen=True)
class SendNow:
    """A message is due."""

    enrolment: Enrolment
    operation: Send


@dataclass(frozen=True)
class Ended:
    """The enrolment is over, for ``reason``, at a step. ``withdraws``: what it planned must not go out any more."""

    enrolment: Enrolment
    reason: str
    step: str
    withdraws: bool = True


@dataclass(frozen=True)
class GoalReached:
    """What the journey is for has happened."""

    enrolment: Enrolment


Effect = SendNow | Ended | GoalReached


@dataclass(frozen=True)
class NotStarted:
    """A trigger that started nothing, and why."""

    reason: str
    data: dict[str, Any]


def matches(event: Rule, fact: Fact) -> bool:
    """Whether this very fact is one that the rule asks for: the same meaning as in any rule, over one fact."""
    return fact.name in event.depends and event.test(History((fact,)), fact.at)[0]


def entry_id(journey: str, fact: Fact, key: str) -> str:
    """The id of an entry: the same for the same trigger, whoever computes it and however often."""
    text = f"{journey}\x1f{fact.seq}\x1f{fact.n}\x1f{key}"
    return hashlib.blake2b(text.encode(), digest_size=10).hexdigest()


def arm_of(seed: bytes, journey: Journey, subject: str) -> str:
    """Treated or control: a keyed hash of journey and subject, so that a person stays in her arm at every entry."""
    digest = hashlib.blake2b(f"{journey.key}\x1f{subject}".encode(), key=seed[:64], digest_size=8).digest()
    return CONTROL if int.from_bytes(digest, "big") / 2**64 < journey.holdout else TREATED


def may_start(journey: Journey, key: str, now: int, running: list[Enrolment], past: list[int]) -> NotStarted | None:
    """Whether somebody may enter now; ``past`` holds the instants of her earlier starts. None means yes."""
    for other in running:
        if other.is_running and (not journey.key_property or other.key == key):
            return NotStarted("running", {"entry": other.entry, "started_at": other.started_at})
    again = journey.again
    if not past:
        return None
    if again is None:
        return NotStarted("once_only", {"started_at": past[-1]})
    if again.at_most is not None and len(past) >= again.at_most:
        return NotStarted("at_most", {"starts": len(past), "limit": again.at_most})
    if now < past[-1] + again.after:
        return NotStarted("too_soon", {"started_at": past[-1], "again_at": past[-1] + again.after})
    return None


def is_over(journey: Journey, trigger: Fact, history: History) -> bool:
    """Whether goal or exit happened after the trigger but arrived before it: browsers may send late, servers do not."""
    ends = [journey.leave_on, journey.goal.event if journey.goal else None]
    return any(
        matches(rule, fact)
        for rule in ends
        if rule is not None
        for name in rule.depends
        for fact in takewhile(lambda fact: fact.at > trigger.at, reversed(history.of(name)))
    )


def advance_enrolment(journey: Journey, enrolment: Enrolment, now: int, history: History, zone: str) -> list[Effect]:
    """Go on from where the enrolment stands until it has to wait or ends."""
    effects: list[Effect] = []
    enrolment.due, enrolment.listening = None, False
    while enrolment.is_running and enrolment.due is None:
        operation = journey.program[enrolment.at_step]
        if isinstance(operation, End):
            effects.append(end(enrolment, operation.reason, operation.step, now, withdraws=False))
        elif isinstance(operation, Jump):
            enrolment.at_step = operation.target
        elif isinstance(operation, Branch):
            enrolment.at_step = _target(operation, history, now)
        else:
            enrolment.at_step += 1
            if isinstance(operation, Send):
                effects.append(SendNow(enrolment, operation))
            else:
                enrolment.due = _due(operation, now, zone)
                enrolment.listening = isinstance(operation, WaitFor)
    return effects


def meet(journey: Journey, enrolment: Enrolment, fact: Fact, now: int) -> list[Effect]:
    """What a fact does to an enrolment: goal, leaving, or the end of a wait (then ``due`` is now)."""
    effects: list[Effect] = []
    if fact.at < enrolment.triggered_at:
        return effects
    goal = journey.goal
    reached = goal is not None and _reached(goal, enrolment, fact)
    if reached:
        effects.append(GoalReached(enrolment))
        enrolment.goal_until = None
    if not enrolment.is_running:
        return effects
    step = step_of(journey, enrolment)
    if reached:
        effects.append(end(enrolment, "goal", step, now))
    elif journey.leave_on is not None and matches(journey.leave_on, fact):
        effects.append(end(enrolment, "left", step, now))
    elif enrolment.listening:
        waiting = journey.program[enrolment.at_step - 1]
        if isinstance(waiting, WaitFor) and matches(waiting.event, fact):
            enrolment.due = now
    return effects


def end(enrolment: Enrolment, reason: str, step: str, now: int, *, withdraws: bool = True) -> Ended:
    """End an enrolment here."""
    enrolment.ended_at, enrolment.reason, enrolment.due, enrolment.listening = now, reason, None, False
    if enrolment.goal_until is not None and enrolment.goal_until <= now:
        enrolment.goal_until = None
    return Ended(enrolment, reason, step, withdraws)


def step_of(journey: Journey, enrolment: Enrolment) -> str:
    """The id of the step at which an enrolment stands."""
    at = enrolment.at_step - 1 if enrolment.due is not None and enrolment.at_step else enrolment.at_step
    operation = journey.program[at]
    return "end" if isinstance(operation, Jump) else operation.step


def _reached(goal: Goal, enrolment: Enrolment, fact: Fact) -> bool:
    return (
        enrolment.goal_until is not None and fact.at < enrolment.started_at + goal.within and matches(goal.event, fact)
    )


def _target(operation: Branch, history: History, now: int) -> int:
    for rule, target in operation.arms:
        if rule is None or rule.test(history, now)[0]:
            return target
    raise AssertionError("the last arm of a branch has no rule")  # held by parse_journey


def _due(operation: Operation, now: int, zone: str) -> int:
    if isinstance(operation, Wait):
        return now + operation.span
    if isinstance(operation, WaitFor):
        return now + operation.at_most
    if isinstance(operation, WaitUntil):
        return next_time_of_day(now, operation.minute, zone)
    raise TypeError(f"not a wait: {operation}")


def known_zone(name: str) -> str:
    """The name of a time zone if there is such a one, else nothing: customers' systems send anything."""
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


def next_time_of_day(now: int, minute: int, zone: str) -> int:
    """The next instant, now or later, at which clocks in ``zone`` show that many minutes after midnight.

    In the night when clocks go forward a time that does not exist is taken as the same span after midnight; in the
    night when they go back, the first of two counts.
    """
    local = ZoneInfo(zone)
    moment = (_EPOCH + timedelta(microseconds=now)).astimezone(local)
    for ahead in range(3):
        day = moment.date() + timedelta(days=ahead)
        shown = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=local)
        instant = (shown.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
        if instant >= now:
            return instant
    raise AssertionError("a time of day comes within two days")
