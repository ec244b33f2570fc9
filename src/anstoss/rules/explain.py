"""An answer as sentences: each condition, whether it holds, and what it rests on."""

from collections.abc import Iterator
from dataclasses import dataclass

from anstoss.rules.evidence import Evidence
from anstoss.rules.language import All, AnyOf, Check, Consent, Kind, Not, Segment, Sequence
from anstoss.rules.phrases import Voice
from anstoss.rules.words import Speaker

_HEADS = {
    "de": {"all": "Alles davon", "any": "Mindestens eines davon", "not": "Nicht", "none": "nicht vorgekommen"},
    "en": {"all": "All of these", "any": "At least one of these", "not": "Not", "none": "did not happen"},
}
_TELLS = {
    "de": {"limit": "Grenze {}", "last": "zuletzt {}", "flip": "kann sich ab {} von selbst ändern"},
    "en": {"limit": "limit {}", "last": "last {}", "flip": "can change by itself from {}"},
}
_LIMITED = ("above", "below", "at_least", "at_most", "between")


@dataclass(frozen=True)
class Sentence:
    """One condition said with what was found, and the conditions it consists of."""

    holds: bool
    text: str
    parts: tuple["Sentence", ...] = ()

    def lines(self, indent: int = 0) -> Iterator[str]:
        """The sentence and its parts, one a line, marked with what holds."""
        yield f"{'  ' * indent}{'✓' if self.holds else '✗'} {self.text}"
        for part in self.parts:
            yield from part.lines(indent + 1)


def explain(evidence: Evidence, lang: str) -> Sentence:
    """The evidence as a tree of sentences; ``lang`` is ``de`` or ``en``."""
    setting = evidence.setting
    return _sentence(evidence, Speaker(Voice(lang, setting.zone, setting.currency), setting.labels))


def _sentence(evidence: Evidence, speaker: Speaker) -> Sentence:
    lang = speaker.voice.lang
    match evidence.condition:
        case All():
            text = _HEADS[lang]["all"]
        case AnyOf():
            text = _HEADS[lang]["any"]
        case Not():
            text = _HEADS[lang]["not"]
        case Segment(key):
            text = f"Segment {speaker.label(key)}"
        case _:
            return Sentence(evidence.holds, f"{speaker.say(evidence.condition)}: {_found(evidence, speaker)}")
    return Sentence(evidence.holds, text, tuple(_sentence(part, speaker) for part in evidence.parts))


def _found(evidence: Evidence, speaker: Speaker) -> str:
    told = _told(evidence, speaker)
    if evidence.next_flip is not None:
        told.append(_TELLS[speaker.voice.lang]["flip"].format(speaker.voice.time(evidence.next_flip)))
    return ", ".join(told)


def _told(evidence: Evidence, speaker: Speaker) -> list[str]:
    voice, tells = speaker.voice, _TELLS[speaker.voice.lang]
    last = [tells["last"].format(voice.time(max(fact.at for fact in evidence.facts)))] if evidence.facts else []
    match evidence.condition:
        case Check() as check:
            value = speaker.value(evidence.value, check.kind)
            return [value, *_limits(check, voice), *(last if check.kind is not Kind.TIME else [])]
        case Consent():
            return [speaker.phrases[evidence.value], *last]
        case Sequence():
            return [voice.time(fact.at) for fact in evidence.facts] or [_HEADS[voice.lang]["none"]]
    # A stage is two checks on the same fact: what they share is told once.
    return list(dict.fromkeys(text for part in _leaves(evidence) for text in _told(part, speaker)))


def _leaves(evidence: Evidence) -> Iterator[Evidence]:
    if not evidence.parts:
        yield evidence
    for part in evidence.parts:
        yield from _leaves(part)


def _limits(check: Check, voice: Voice) -> list[str]:
    """The limits of numbers, to be read beside the value."""
    limits = [
        voice.test(test, check.kind) if test.op == "between" else voice.literal(test.value, test.written, check.kind)
        for test in check.tests
        if test.op in _LIMITED and check.kind not in (Kind.TEXT, Kind.ANY, Kind.TIME)
    ]
    return [_TELLS[voice.lang]["limit"].format(limit) for limit in limits]
