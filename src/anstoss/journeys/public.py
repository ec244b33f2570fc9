"""The door of journeys."""

from anstoss.journeys.enrolment import (
    CONTROL,
    TREATED,
    Effect,
    Ended,
    Enrolment,
    GoalReached,
    NotStarted,
    SendNow,
    advance_enrolment,
    arm_of,
    end,
    entry_id,
    is_over,
    known_zone,
    matches,
    may_start,
    meet,
    step_of,
)
from anstoss.journeys.library import playbook, reason_words
from anstoss.journeys.parse import parse_journey
from anstoss.journeys.program import Journey, Send

__all__ = [
    "CONTROL",
    "TREATED",
    "Effect",
    "Ended",
    "Enrolment",
    "GoalReached",
    "Journey",
    "NotStarted",
    "Send",
    "SendNow",
    "advance_enrolment",
    "arm_of",
    "end",
    "entry_id",
    "is_over",
    "known_zone",
    "matches",
    "may_start",
    "meet",
    "parse_journey",
    "playbook",
    "reason_words",
    "step_of",
]
