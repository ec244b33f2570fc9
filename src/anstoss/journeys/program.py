"""A journey as a flat program: blocks are compiled into operations, so that a place in it is one number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from anstoss.rules.public import Rule


@dataclass(frozen=True)
class Wait:
    """Wait for a span of microseconds."""

    step: str
    span: int


@dataclass(frozen=True)
class WaitUntil:
    """Wait until a time of day (minutes after midnight) in the customer's zone."""

    step: str
    minute: int


@dataclass(frozen=True)
class WaitFor:
    """Wait for an event, for ``at_most`` microseconds."""

    step: str
    event: Rule
    at_most: int


@dataclass(frozen=True)
class Send:
    """Send a message. It is worthless ``not_after`` microseconds after it was planned."""

    step: str
    template: str
    channel: str
    not_after: int


@dataclass(frozen=True)
class Branch:
    """Go on at the target of the first arm whose rule holds; an arm without a rule always does."""

    step: str
    arms: tuple[tuple[Rule | None, int], ...]


@dataclass(frozen=True)
class Jump:
    """Go on at ``target``: where arms join again."""

    target: int


@dataclass(frozen=True)
class End:
    """The enrolment ends here, for a reason."""

    step: str
    reason: str


Operation = Wait | WaitUntil | WaitFor | Send | Branch | Jump | End


@dataclass(frozen=True)
class Again:
    """When a person may pass through once more: ``after`` microseconds since the last start, ``at_most`` times ever."""

    after: int = 0
    at_most: int | None = None


@dataclass(frozen=True)
class Goal:
    """What the journey is for, counted for ``within`` microseconds from the start."""

    event: Rule
    within: int


@dataclass(frozen=True)
class Journey:
    """A published journey. ``key_property`` is the property of the trigger that tells passages apart."""

    key: str
    version: int
    name: Mapping[str, str]
    phase: str
    trigger: Rule
    condition: Rule | None
    key_property: str
    again: Again | None
    leave_on: Rule | None
    goal: Goal | None
    holdout: float
    purpose: Literal["marketing", "transactional"]
    priority: int
    program: tuple[Operation, ...]
    listens: frozenset[str] = field(default_factory=frozenset)
    """Names of facts that can start, move or end an enrolment."""
