"""What pages need to read beyond one customer: the newest events, and what happened since midnight."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from anstoss.customers.public import canonical_event_name
from anstoss.log.public import Event, Log, contents

_STRIDE = 500
_FURTHEST = 20_000
"""So many rows are looked through for what a filter wants."""

_NAMES = {"identify": "Traits Set", "page": "Page Viewed", "screen": "Screen Viewed", "group": "Group Joined"}


@dataclass(frozen=True)
class Wanted:
    """A filter of events: type, source, part of the name; empty wants all."""

    type: str = ""
    source: str = ""
    name: str = ""

    def __call__(self, event: Event) -> bool:
        """Whether an event is wanted."""
        return (
            (not self.type or event.type == self.type)
            and (not self.source or event.source == self.source)
            and (not self.name or self.name.casefold() in said_name(event).casefold())
        )


def said_name(event: Event) -> str:
    """The name under which an event is known to the rules."""
    return _NAMES.get(event.type) or canonical_event_name(event.name)


def properties_of(event: Event) -> dict[str, Any]:
    """The properties or traits of an event, with the name of a page."""
    body: Mapping[str, Any] = contents(event.payload)
    found = dict(body.get("properties") or body.get("traits") or {})
    if event.type in ("page", "screen") and event.name:
        found.setdefault("name", event.name)
    return found


def newest(log: Log, limit: int, wanted: Callable[[Event], bool], after: int = 0) -> list[Event]:
    """The newest wanted events later than position ``after``, newest first."""
    found: list[Event] = []
    for event in _backwards(log, after):
        if wanted(event):
            found.append(event)
            if len(found) == limit:
                break
    return found


def count_since(log: Log, instant: int) -> int:
    """How many positions of the log were given out since an instant: a search, as rows are received in order."""
    low, high = 0, log.head()
    while low < high:
        middle = (low + high) // 2
        following = log.read(middle, 1)
        if following and following[0].received_at < instant:
            low = following[0].seq
        else:
            high = middle
    return log.head() - low


def _backwards(log: Log, after: int) -> Iterator[Event]:
    before = log.head()
    furthest = max(after, before - _FURTHEST)
    while before > furthest:
        start = max(before - _STRIDE, furthest)
        rows = log.read(start, before - start)
        yield from reversed([row for row in rows if row.seq <= before])
        before = start
