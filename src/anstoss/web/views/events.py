"""What comes in, as it comes in; and what could not be taken, with the reason."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from anstoss.log.public import Event, contents
from anstoss.pulse.public import Reader
from anstoss.web.formats import Voice
from anstoss.web.frame import voice_of
from anstoss.web.home import readers
from anstoss.web.reading import Wanted, name_of, newest, person_of, properties_of, said_name
from anstoss.web.sentences import Line, Teller

SHOWN = 100
TYPES = ("track", "identify", "page", "screen", "group", "alias", "definition", "system")


@dataclass(frozen=True)
class Row:
    """An event as a line of the list. ``person`` is none while nobody is known by its identities."""

    event: Event
    name: str
    line: Line
    person: int | None
    who: str
    payload: str


def events(request: HttpRequest) -> HttpResponse:
    """The newest events; newer ones are fetched by the page."""
    return _answer(request, "web/events.html", after=0)


def events_after(request: HttpRequest, seq: int) -> HttpResponse:
    """Lines for the events after a position: what the page puts on top of the list."""
    return _answer(request, "web/events_rows.html", after=seq)


def rejects(request: HttpRequest) -> HttpResponse:
    """What could not become an event."""
    with readers().reader() as reader:
        found = [(each, each.raw.decode("utf-8", "replace")) for each in reader.log.rejects(SHOWN)]
    return render(request, "web/rejects.html", {"here": "events", "rejects": found})


def _answer(request: HttpRequest, template: str, after: int) -> HttpResponse:
    wanted = Wanted(*(request.GET.get(key, "").strip()[:100] for key in ("type", "source", "name", "engine")))
    with readers().reader() as reader:
        looked_from = reader.log.head()  # asked before looking, so that nothing is passed over
        found = newest(reader.log, SHOWN, wanted, after)
        head = max(looked_from, found[0].seq if found else after)
        context = {
            "here": "events",
            "rows": rows(reader, voice_of(reader), found),
            "head": head,
            "wanted": wanted,
            "query": urlencode({key: value for key, value in vars(wanted).items() if value}),
            "types": TYPES,
            "reject_count": len(reader.log.rejects(SHOWN)),
        }
        return render(request, template, context)


def rows(reader: Reader, voice: Voice, found: list[Event]) -> list[Row]:
    """Events as lines, each with whom it concerns."""
    teller = Teller(reader, voice)
    names: dict[int, str] = {}
    return [_row(reader, teller, names, event) for event in found]


def _row(reader: Reader, teller: Teller, names: dict[int, str], event: Event) -> Row:
    person = person_of(reader, event.identity)
    if person is not None and person not in names:
        names[person] = name_of(dict(reader.person(person).profile.readable()))
    who = names.get(person, "") if person is not None else ""
    name = said_name(event)
    return Row(event, name, teller.line(name, properties_of(event)), person, who, _pretty(contents(event.payload)))


def _pretty(body: dict[str, Any]) -> str:
    return orjson.dumps(body, option=orjson.OPT_INDENT_2, default=str).decode()
