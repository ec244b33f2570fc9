"""The start page: how full each phase is, what happened today, what happens now."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from anstoss.delivery.public import count_by_state
from anstoss.pulse.public import Reader, segment_sizes, stage_sizes
from anstoss.web.frame import Phase, language, main_lifecycle, phases, voice_of
from anstoss.web.home import readers
from anstoss.web.reading import Wanted, counts_today, instant_of, mails_since, newest
from anstoss.web.views.events import rows

_NEWEST = 8
WAITING = ("planned", "leased")
"""States of messages that still wait to be sent."""


@dataclass(frozen=True)
class Groups:
    """A lifecycle with the sizes of its stages."""

    name: str
    stages: list[Phase]


def overview(request: HttpRequest) -> HttpResponse:
    """The start page."""
    with readers().reader() as reader, readers().mailbox() as mailbox:
        voice = voice_of(reader)
        midnight = voice.at(voice.now).replace(hour=0, minute=0, second=0, microsecond=0)
        today, day_before = counts_today(reader.log, voice)
        states = count_by_state(reader.con)
        context = {
            "here": "overview",
            "lifecycles": _lifecycles(reader),
            "events_today": today,
            "events_before": day_before,
            "events": reader.log.head(),
            "mails_today": mails_since(mailbox, instant_of(midnight)),
            "mails": mailbox.count(),
            "waiting": sum(states.get(state, 0) for state in WAITING),
            "not_sent": states.get("not_sent", 0),
            "segments": _segments(reader),
            "rows": rows(reader, voice, newest(reader.log, _NEWEST, Wanted())),
        }
        return render(request, "web/overview.html", context)


def _lifecycles(reader: Reader) -> list[Groups]:
    sizes, main = stage_sizes(reader.con), main_lifecycle(reader)
    ordered = sorted(reader.definitions.lifecycles.values(), key=lambda each: (each.key != main, each.key))
    return [
        Groups(each.name.get(language(), each.key), phases(reader, each.key, sizes.get(each.key, {})))
        for each in ordered
    ]


def _segments(reader: Reader) -> list[tuple[str, int]]:
    sizes = segment_sizes(reader.con)
    return [
        (segment.name.get(language(), key), sizes.get(key, 0)) for key, segment in reader.definitions.segments.items()
    ]
