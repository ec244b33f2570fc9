"""Events as they come in, and what had to be turned away."""

import json
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from anstoss.log.public import Event, Reject, contents
from anstoss.pulse.public import Reader
from anstoss.web.home import first_brand, readers

SHOWN = 60
SEARCHED, CHUNK = 20_000, 1_000
"""A filter looks through so many of the newest events, so many at a time."""
REJECTS = 20
TYPES = ("track", "identify", "page", "screen", "group", "alias", "definition", "system")


@dataclass(frozen=True)
class Filter:
    """Which events are asked for; empty fields ask for all."""

    type: str = ""
    name: str = ""
    source: str = ""

    def passes(self, event: Event) -> bool:
        """Whether the event is asked for."""
        return (
            (not self.type or event.type == self.type)
            and (not self.source or event.source == self.source)
            and self.name.casefold() in event.name.casefold()
        )


@dataclass(frozen=True)
class Arrival:
    """An event as a line of the page."""

    event: Event
    payload: str


@dataclass(frozen=True)
class TurnedAway:
    """A reject as a line of the page."""

    reject: Reject
    raw: str


def events(request: HttpRequest) -> HttpResponse:
    """The newest events that pass the filter; with the header ``X-Part: live`` the list alone."""
    wanted = Filter(*(request.GET.get(key, "").strip() for key in ("type", "name", "source")))
    with readers().reader() as reader:
        head = reader.log.head()
        arrivals = [_arrival(event) for event in newest(reader, wanted, SHOWN)]
        turned_away = [_turned_away(reject) for reject in reader.log.rejects(REJECTS)]
        brand = first_brand(reader)
    version = f"{head}-{turned_away[0].reject.at if turned_away else 0}"
    context = {
        "arrivals": arrivals,
        "turned_away": turned_away,
        "filter": wanted,
        "types": TYPES,
        "head": head,
        "searched": min(head, SEARCHED),
        "zone": brand.zone if brand else "UTC",
        "here": request.get_full_path(),
        "version": version,
    }
    live = request.headers.get("X-Part") == "live"
    response = render(request, "web/events_list.html" if live else "web/events.html", context)
    response.headers["X-Version"] = version
    response.headers["Vary"] = "X-Part, Accept-Language, Cookie"
    return response


def newest(reader: Reader, wanted: Filter, limit: int) -> list[Event]:
    """Up to ``limit`` of the newest events that pass, newest first; events long past are not searched."""
    found: list[Event] = []
    until = head = reader.log.head()
    while until > max(0, head - SEARCHED) and len(found) < limit:
        after = max(0, until - CHUNK)
        found += [event for event in reversed(reader.log.read(after, until - after)) if wanted.passes(event)]
        until = after
    return found[:limit]


def _arrival(event: Event) -> Arrival:
    return Arrival(event, json.dumps(contents(event.payload), indent=2, ensure_ascii=False))


def _turned_away(reject: Reject) -> TurnedAway:
    return TurnedAway(reject, reject.raw.decode("utf-8", "replace"))
