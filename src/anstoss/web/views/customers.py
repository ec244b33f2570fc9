"""Customers: finding them, and one of them as a whole."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from anstoss.pulse.public import CustomerView, Happening, Reader, UnknownCustomer
from anstoss.pulse.public import stage_sizes as sizes_of
from anstoss.rules.public import Sentence, explain
from anstoss.web.formats import Voice
from anstoss.web.frame import language, main_lifecycle, voice_of
from anstoss.web.home import readers
from anstoss.web.reading import name_of
from anstoss.web.sentences import GROUPS, Line, Teller, trait_name

LISTED = 50
PAGE = 50
LONGEST = 5_000
_SILENT = ("Message Planned", "Message Handed")
"""Steps on the way of a message; what became of it has its own line."""

_TILES = ("net_revenue", "orders", "average_order_value", "days_since_last_order")


@dataclass(frozen=True)
class Entry:
    """A line of the list of customers."""

    person: int
    name: str
    email: str
    city: str
    first_at: int
    stage: str
    slot: int
    since: int


@dataclass(frozen=True)
class Standing:
    """Where somebody stands in a lifecycle, since when, and why."""

    lifecycle: str
    stage: str
    slot: int
    since: int
    because: Sentence | None


@dataclass(frozen=True)
class Told:
    """A line of a timeline."""

    happening: Happening
    line: Line
    ledger: str


def customers(request: HttpRequest) -> HttpResponse:
    """Search by name, address or id; without words the newest."""
    words = request.GET.get("q", "").strip()[:200]
    with readers().reader() as reader:
        found = reader.search(words, LISTED)
        sizes = sizes_of(reader.con).get(main_lifecycle(reader), {})
        context = {
            "here": "customers",
            "words": words,
            "entries": [_entry(reader, person) for person in found],
            "count": sum(sizes.values()),
            "limited": len(found) == LISTED,
        }
        return render(request, "web/customers.html", context)


def customer(request: HttpRequest, person: int) -> HttpResponse:
    """One customer as a whole."""
    group = request.GET.get("show", "")
    length = request.GET.get("length", "")
    limit = min(int(length), LONGEST) if length.isdecimal() and len(length) < 6 else PAGE
    with readers().reader() as reader:
        try:
            view = reader.view(person, LONGEST)
        except UnknownCustomer:
            raise Http404 from None
        voice = voice_of(reader)
        teller = Teller(reader, voice)
        told = _told(view, teller)
        shown = [each for each in told if not group or each.line.group == group]
        counts = Counter(each.line.group for each in told)
        standings = _standings(reader, view, teller)
        context = {
            "here": "customers",
            "view": view,
            "name": name_of(view.profile),
            "traits": [(trait_name(key), value) for key, value in view.profile.items()],
            "standings": standings,
            "life": _life(view, teller, voice, main_lifecycle(reader)),
            "tiles": [view.metrics[key] for key in _TILES if key in view.metrics],
            "consents": [_consent(teller, each) for each in view.consents],
            "segments": [(teller.named("segment", key), since) for key, since in view.segments.items()],
            "days": _days(shown[:limit], voice),
            "group": group,
            "groups": [(key, counts[key]) for key in GROUPS if counts[key]],
            "count": len(told),
            "longer": limit + PAGE if len(shown) > limit else None,
        }
        return render(request, "web/customer.html", context)


def _entry(reader: Reader, number: int) -> Entry:
    person = reader.person(number)
    profile = dict(person.profile.readable())
    lifecycle = main_lifecycle(reader)
    now = person.standing.stages.get(lifecycle)
    teller = Teller(reader, voice_of(reader))
    stage, slot = teller.stage(lifecycle, now.stage) if now else ("", 0)
    email, city = (str(profile.get(key) or "") for key in ("email", "city"))
    first_at = person.standing.first_at
    return Entry(number, name_of(profile), email, city, first_at, stage, slot, now.since if now else first_at)


def _standings(reader: Reader, view: CustomerView, teller: Teller) -> list[Standing]:
    main = main_lifecycle(reader)
    return [
        Standing(
            teller.named("lifecycle", key),
            *teller.stage(key, now["stage"]),
            now["since"],
            _because(reader, view.person, key, now["stage"], now["since"]),
        )
        for key, now in sorted(view.stages.items(), key=lambda each: each[0] != main)
    ]


def _because(reader: Reader, person: int, lifecycle: str, stage: str, since: int) -> Sentence | None:
    """Why the stage was entered, from the facts known by now, as of that instant."""
    for each in reader.definitions.lifecycles[lifecycle].stages:
        if each.key == stage and each.rule is not None:
            return explain(each.rule.observe(reader.person(person).history, since), language())
    return None


def _life(view: CustomerView, teller: Teller, voice: Voice, lifecycle: str) -> list[dict[str, Any]]:
    """Her own life as the band of the page: each stage as wide as it was long."""
    moves = view.stages.get(lifecycle, {}).get("history", [])
    if not moves:
        return []
    ends = [*(move["since"] for move in moves[1:]), voice.now]
    total = max(voice.now - moves[0]["since"], 1)
    return [
        {
            "name": teller.stage(lifecycle, move["stage"])[0],
            "slot": teller.stage(lifecycle, move["stage"])[1],
            "since": move["since"],
            "left": 1000 * (move["since"] - moves[0]["since"]) / total,
            "width": 1000 * max(end - move["since"], 0) / total,
        }
        for move, end in zip(moves, ends, strict=True)
    ]


def _told(view: CustomerView, teller: Teller) -> list[Told]:
    return [
        Told(each, teller.line(each.name, each.properties, each.why), str(each.properties.get("message", "")))
        for each in view.timeline
        if not _is_silent(each)
    ]


def _is_silent(happening: Happening) -> bool:
    # Most views of a page trigger a journey whose condition does not hold: that is no decision worth a line.
    no_occasion = happening.name == "Journey Not Started" and happening.properties.get("reason") == "condition"
    return happening.name in _SILENT or no_occasion


def _consent(teller: Teller, consent: dict[str, Any]) -> dict[str, Any]:
    return {**consent, "brand": teller.brand(consent["brand"]), "channel": teller.channel(consent["channel"])}


def _days(told: list[Told], voice: Voice) -> list[tuple[date, str, list[Told]]]:
    days = groupby(told, key=lambda each: voice.at(each.happening.at).date())
    return [(day, voice.day(day), list(lines)) for day, lines in days]
