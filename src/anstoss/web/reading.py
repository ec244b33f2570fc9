"""What pages need to read beyond one customer: the newest events, and what happened since midnight."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anstoss.customers.public import canonical_event_name
from anstoss.delivery.public import Mailbox
from anstoss.log.public import Event, Log, contents
from anstoss.pulse.public import Reader, UnknownCustomer
from anstoss.web.formats import Voice

_STRIDE = 500
_FURTHEST = 20_000
"""So many rows are looked through for what a filter wants."""

_NAMES = {"identify": "Traits Set", "page": "Page Viewed", "screen": "Screen Viewed", "group": "Group Joined"}


@dataclass(frozen=True)
class Wanted:
    """A filter of events: type, source, part of the name; empty wants all. What the engine did is left out unless asked
    for: it is many times what came in."""

    type: str = ""
    source: str = ""
    name: str = ""
    engine: str = ""

    def includes(self, event: Event) -> bool:
        """Whether an event is wanted."""
        return (
            (bool(self.engine) or event.origin != "engine")
            and (not self.type or event.type == self.type)
            and (not self.source or event.source == self.source)
            and (not self.name or self.name.casefold() in said_name(event).casefold())
        )


def said_name(event: Event) -> str:
    """The name under which an event is known to the rules."""
    return _NAMES.get(event.type) or canonical_event_name(event.name)


def properties_of(event: Event) -> dict[str, Any]:
    """The properties or traits of an event, with the name of a page."""
    body: Mapping[str, Any] = contents(event.payload)
    given = body.get("properties") or body.get("traits")
    found = dict(given) if isinstance(given, dict) else {}
    if event.type in ("page", "screen") and event.name:
        found.setdefault("name", event.name)
    return found


def newest(log: Log, limit: int, wanted: Wanted, after: int = 0) -> list[Event]:
    """The newest wanted events later than position ``after``, newest first."""
    found: list[Event] = []
    for event in _backwards(log, after):
        if wanted.includes(event):
            found.append(event)
            if len(found) == limit:
                break
    return found


def position_at(log: Log, instant: int) -> int:
    """The last position of the log that was received before an instant: a search, as rows are received in order."""
    low, high = 0, log.head()
    while low < high:
        middle = (low + high) // 2
        following = log.read(middle, 1)
        if following and following[0].received_at < instant:
            low = following[0].seq
        else:
            high = middle
    return low


def counts_today(log: Log, voice: Voice) -> tuple[int, int]:
    """How many events were received since midnight, and how many the day before until the same time of day."""
    now = voice.at(voice.now)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day_before = [moment - timedelta(days=1) for moment in (midnight, now)]
    since, until = (position_at(log, instant_of(moment)) for moment in day_before)
    return log.head() - position_at(log, instant_of(midnight)), until - since


def mails_since(mailbox: Mailbox, instant: int) -> int:
    """How many mails have reached the mailbox since an instant."""
    count, before = 0, None
    while mails := mailbox.list(_STRIDE, before):
        recent = sum(mail.at >= instant for mail in mails)
        count, before = count + recent, mails[-1].id
        if recent < len(mails):
            break
    return count


def instant_of(moment: datetime) -> int:
    """A moment as UTC microseconds."""
    return int(moment.timestamp()) * 1_000_000


def person_of(reader: Reader, identity: Sequence[str]) -> int | None:
    """The person that one of these identities belongs to, if they are known yet."""
    for key in identity:
        try:
            return reader.find(key)
        except UnknownCustomer:
            continue
    return None


def name_of(profile: Mapping[str, Any]) -> str:
    """What somebody is called: name, else address, else nothing."""
    parts = [str(profile.get(key) or "") for key in ("first_name", "last_name")]
    return " ".join(part for part in parts if part) or str(profile.get("name") or profile.get("email") or "")


def _backwards(log: Log, after: int) -> Iterator[Event]:
    before = log.head()
    furthest = max(after, before - _FURTHEST)
    while before > furthest:
        start = max(before - _STRIDE, furthest)
        rows = log.read(start, before - start)
        yield from reversed([row for row in rows if row.seq <= before])
        before = start
