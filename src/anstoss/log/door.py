"""What a log must offer, so that another store can stand behind it."""

from collections.abc import Sequence
from typing import Protocol

from anstoss.log.event import Appended, Event, NewEvent, Reject, Row


class LogDoor(Protocol):
    """One ordered log of events. Raises ``LogUnavailable`` when it cannot be written or read."""

    def append(self, events: Sequence[NewEvent], *, received_at: int | Sequence[int] | None = None) -> Appended:
        """Store a group that is on disk when this returns; events that are there already are left out."""

    def append_rows(self, rows: Sequence[Row], rejects: Sequence[Reject] = ()) -> Appended:
        """The same for rows already in their stored form, together with what had to be turned away."""

    def read(self, after: int, limit: int) -> list[Event]:
        """The next events after a position, in order."""

    def many(self, seqs: Sequence[int]) -> list[Event]:
        """The events at these positions that exist, in order."""

    def head(self) -> int:
        """The position of the newest event, 0 when empty."""

    def horizon(self) -> int:
        """An instant: all rows received before it can be read now, all later ones will be stamped with it or later."""

    def changed(self) -> bool:
        """Whether anything was committed since this was last asked."""
