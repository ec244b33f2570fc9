"""What advancing people brought about, collected to be written in one transaction."""

from dataclasses import dataclass, field
from typing import Literal

from anstoss.customers.public import ConsentChange, Fact
from anstoss.delivery.public import Planned
from anstoss.journeys.public import Enrolment
from anstoss.log.public import NewEvent


@dataclass
class Outcome:
    """The changes of one batch, in the order in which they must be applied table by table."""

    facts: list[tuple[int, Fact]] = field(default_factory=list)
    """(person, new fact)."""
    moves: list[tuple[int, int]] = field(default_factory=list)
    """(survivor, absorbed)."""
    withdrawn: list[tuple[int, Fact]] = field(default_factory=list)
    """(person, fact that a better derivation replaced)."""
    rewritten: set[int] = field(default_factory=set)
    """Persons whose facts changed other than by additions."""
    events: list[NewEvent] = field(default_factory=list)
    """What the engine did, for the log."""
    messages: list[Planned] = field(default_factory=list)
    cancelled: list[tuple[str, str]] = field(default_factory=list)
    """(entry, reason) of enrolments whose planned messages must not go out."""
    recalled: list[tuple[str, Literal["sent_before_restore", "not_sent"], int]] = field(default_factory=list)
    """(ledger key, outcome, when) of messages that the log knows to have been handed over or withheld."""
    enrolments: dict[str, tuple[int, Enrolment, str]] = field(default_factory=dict)
    """By entry: (person, enrolment, id of its step)."""
    stages: dict[tuple[int, str], tuple[str, int] | None] = field(default_factory=dict)
    """By (person, lifecycle): (stage, since), or none when the person is no more."""
    members: dict[tuple[int, str], int | None] = field(default_factory=dict)
    """By (person, segment): since when she is a member, or none when she left."""
    consents: list[ConsentChange] = field(default_factory=list)
    identities: list[tuple[str, int, int]] = field(default_factory=list)
    """(identity, person, log position)."""
    conflicts: list[tuple[int, str, int, int]] = field(default_factory=list)
    """(log position, identity, person, the other person)."""
    failures: list[tuple[str, str, int, str]] = field(default_factory=list)
    """(kind, key, version, what happened) of definitions that failed at run time."""
    unfolded: list[tuple[int, str]] = field(default_factory=list)
    """(log position, what happened) of rows that could not be read and state nothing."""
