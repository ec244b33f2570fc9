"""Why somebody got, or did not get, the messages of a journey: every trigger, passage, message and non-message."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from anstoss.customers.public import Fact
from anstoss.delivery.public import reason_words as delivery_words
from anstoss.journeys.public import Journey, matches, reason_words
from anstoss.pulse.reading import Reader
from anstoss.pulse.standing import Person
from anstoss.rules.public import Rule, explain, holds


@dataclass(frozen=True)
class Reason:
    """A reason as code, as words by language, and the facts of the case."""

    code: str
    words: Mapping[str, str]
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class MessageFate:
    """What became of a message. Instants are UTC microseconds, none where it did not come to that."""

    step: str
    template: str
    state: str
    planned_at: int
    handed_at: int | None
    sent_at: int | None
    reason: Reason | None


@dataclass(frozen=True)
class PassageFate:
    """What became of an enrolment."""

    entry: str
    version: int
    started_at: int
    arm: str
    at_step: str
    due: int | None
    ended_at: int | None
    reason: Reason | None
    messages: list[MessageFate]


@dataclass(frozen=True)
class Refusal:
    """A trigger that started nothing."""

    at: int
    reason: Reason


@dataclass(frozen=True)
class Why:
    """The whole answer for one person and one journey. ``reason`` is set when nothing ever came of it."""

    person: int
    journey: str
    passages: list[PassageFate]
    refusals: list[Refusal]
    reason: Reason | None


def why(reader: Reader, reference: str, journey_key: str) -> Why:
    """Why she got or did not get the messages of a journey; ``UnknownCustomer`` if nobody is known by ``reference``."""
    person = reader.person(reader.find(reference))
    zone = ZoneInfo(reader.definitions.vocabulary.zone)
    passages = [_passage(reader, row, zone) for row in _enrolments(reader, person, journey_key)]
    refusals = [
        Refusal(fact.at, _reason(str(fact.props["reason"]), fact.props, zone))
        for fact in person.history.of("Journey Not Started")
        if fact.props["journey"] == journey_key
    ]
    nothing = None if passages or refusals else _nothing(reader, person, journey_key, zone)
    return Why(person.number, journey_key, passages, refusals, nothing)


def _nothing(reader: Reader, person: Person, key: str, zone: ZoneInfo) -> Reason:
    journey = reader.definitions.journeys.get(key)
    if journey is None:
        return _reason("not_published", {}, zone)
    triggers = _triggers(journey, person)
    if not triggers:
        return _reason("never_triggered", {"trigger": ", ".join(sorted(journey.trigger.depends))}, zone)
    since = reader.con.execute("SELECT min(seq) FROM definition WHERE kind = 'journey' AND key = ?", (key,)).fetchone()[
        0
    ]
    live = {row.seq for row in reader.log.many([fact.seq for fact in triggers]) if row.live and row.seq > since}
    met = [fact for fact in triggers if fact.seq in live]
    if met and journey.condition is not None:
        return _unmet(journey.condition, person, met[-1], zone)
    return _reason("only_history", {"count": len(triggers)}, zone)


def _unmet(condition: Rule, person: Person, trigger: Fact, zone: ZoneInfo) -> Reason:
    """What the start's condition lacked at the newest trigger, asked as of that instant."""
    verdict = holds(condition, person.history, trigger.at)
    reason = _reason("condition", {"trigger_at": trigger.at, "evidence": verdict.evidence.data()}, zone)
    lines = {lang: explain(verdict.evidence, lang).lines() for lang in ("de", "en")}
    return replace(reason, words={lang: "\n".join([text, *lines[lang]]) for lang, text in reason.words.items()})


def _triggers(journey: Journey, person: Person) -> list[Fact]:
    facts = (fact for name in journey.trigger.depends for fact in person.history.of(name))
    return [fact for fact in facts if matches(journey.trigger, fact)]


def _enrolments(reader: Reader, person: Person, key: str) -> list[tuple[Any, ...]]:
    query = (
        "SELECT entry, version, started_at, arm, step, due, ended_at, reason FROM enrolment"
        " WHERE person = ? AND journey = ? ORDER BY started_at"
    )
    return list(reader.con.execute(query, (person.number, key)).fetchall())


def _passage(reader: Reader, row: tuple[Any, ...], zone: ZoneInfo) -> PassageFate:
    entry, version, started_at, arm, step, due, ended_at, reason = row
    query = (
        "SELECT step, template, state, planned_at, handed_at, sent_at, reason, reason_data, channel, brand FROM message"
        " WHERE entry = ? ORDER BY planned_at"
    )
    messages = [_message(each, zone) for each in reader.con.execute(query, (entry,)).fetchall()]
    ended = _reason(reason, {}, zone) if reason else None
    return PassageFate(entry, version, started_at, arm, step, due, ended_at, ended, messages)


def _message(row: tuple[Any, ...], zone: ZoneInfo) -> MessageFate:
    step, template, state, planned_at, handed_at, sent_at, code, data, channel, brand = row
    facts = {"channel": channel, "brand": brand, "template": template, **orjson.loads(data)}
    reason = None
    if code:
        words = {lang: delivery_words(code, facts, lang) for lang in ("de", "en")}
        reason = Reason(code, words, facts)
    return MessageFate(step, template, state, planned_at, handed_at, sent_at, reason)


def _reason(code: str, facts: Mapping[str, Any], zone: ZoneInfo) -> Reason:
    words = reason_words().get(code, {"de": code, "en": code})
    shown = _Shown({key: _show(key, value, zone) for key, value in facts.items()})
    return Reason(code, {lang: text.format_map(shown) for lang, text in words.items()}, dict(facts))


class _Shown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def _show(key: str, value: Any, zone: ZoneInfo) -> str:
    if key.endswith("_at") and isinstance(value, int):
        return datetime.fromtimestamp(value / 1_000_000, UTC).astimezone(zone).strftime("%d.%m.%Y %H:%M")
    return str(value)
