"""Where one person is: what the pulse keeps of her besides facts and profile."""

import msgspec

from anstoss.customers.public import History, Profile
from anstoss.journeys.public import Enrolment


class StageNow(msgspec.Struct, array_like=True, frozen=True):
    """The stage of a lifecycle in which somebody stands, and since when."""

    stage: str
    since: int


class Standing(msgspec.Struct, array_like=True):
    """All that is in motion for a person. Instants are UTC microseconds.

    ``keys`` are her identities in the order they were learnt; ``last_seq`` and ``n`` number what the engine adds after
    her last row; ``flips`` say for each lifecycle and segment when time alone can change it; ``settle_at`` is when a
    history that was brought in gets its dated stages; ``era`` is the log position of the last era she has seen.
    """

    person: int
    first_seq: int
    first_at: int
    brand: str
    keys: list[str] = []
    last_seq: int = 0
    n: int = 0
    era: int = 0
    settle_at: int | None = None
    stages: dict[str, StageNow] = {}
    segments: dict[str, int] = {}
    flips: dict[str, int] = {}
    enrolments: list[Enrolment] = []
    starts: dict[str, list[int]] = {}

    def wakes_at(self) -> int | None:
        """The next instant at which time alone changes something."""
        wakes = [wake for enrolment in self.enrolments if (wake := enrolment.wakes_at) is not None]
        if self.settle_at is not None:
            wakes.append(self.settle_at)
        if self.flips:
            wakes.append(min(self.flips.values()))
        return min(wakes, default=None)


class Person:
    """A person in memory: standing, profile and history, with what has to be written down."""

    __slots__ = ("history", "profile", "standing")

    def __init__(self, standing: Standing, profile: Profile, history: History) -> None:
        self.standing = standing
        self.profile = profile
        self.history = history

    @property
    def number(self) -> int:
        """The person's number."""
        return self.standing.person

    @property
    def identity(self) -> str:
        """The first identity she was known by: the one under which the engine's own events are logged."""
        return self.standing.keys[0]
