"""A rule as a sentence, in German or English."""

from collections.abc import Mapping
from typing import Any

from anstoss.rules.language import (
    TRAITS_SET,
    Aggregate,
    All,
    AnyOf,
    Check,
    Condition,
    Consent,
    Kind,
    Not,
    Segment,
    Selection,
    Sequence,
    Stage,
    Test,
    Text,
)
from anstoss.rules.phrases import Voice
from anstoss.rules.rule import Rule

_PHRASES: dict[str, dict[str, str]] = {
    "de": {
        "exactly": "genau {}",
        "not": "nicht ({})",
        "segment": "im Segment {} ({})",
        "stage": "in der Stufe {} ({})",
        "for": " seit mindestens {}",
        "first": "erst ",
        "then": ", dann ",
        "within": " innerhalb von {}",
        "all_in": ", alles{}",
        "consent": "Einwilligung für {}{} {}",
        "brand": " (Marke {})",
        "granted": "erteilt",
        "withdrawn": "widerrufen",
        "none": "nie erteilt oder widerrufen",
        "sum": "Summe von {} ({})",
        "average": "Durchschnitt von {} ({})",
        "smallest": "kleinster Wert von {} ({})",
        "largest": "größter Wert von {} ({})",
        "distinct": "Zahl verschiedener Werte von {} ({})",
        "first_at": "zum ersten Mal ({})",
        "last_at": "zuletzt ({})",
        "missing": "kein Wert",
    },
    "en": {
        "exactly": "exactly {}",
        "not": "not ({})",
        "segment": "in segment {} ({})",
        "stage": "in stage {} ({})",
        "for": " for at least {}",
        "first": "first ",
        "then": ", then ",
        "within": " within {}",
        "all_in": ", all of it{}",
        "consent": "consent for {}{} {}",
        "brand": " (brand {})",
        "granted": "granted",
        "withdrawn": "withdrawn",
        "none": "never granted or withdrawn",
        "sum": "sum of {} ({})",
        "average": "average of {} ({})",
        "smallest": "smallest value of {} ({})",
        "largest": "largest value of {} ({})",
        "distinct": "number of different values of {} ({})",
        "first_at": "for the first time ({})",
        "last_at": "last ({})",
        "missing": "no value",
    },
}


def words(rule: Rule, lang: str) -> str:
    """The rule as a sentence; ``lang`` is ``de`` or ``en``. It names every limit, text and time of the rule."""
    return Speaker(Voice(lang, rule.zone, rule.currency), rule.labels).say(rule.condition)


class Speaker:
    """Says conditions."""

    def __init__(self, voice: Voice, labels: Mapping[str, Text]) -> None:
        self.voice = voice
        self.labels = labels
        self.phrases = _PHRASES[voice.lang]

    def say(self, condition: Condition, inner: bool = False) -> str:
        """A condition; ``inner``: as a part of a group, so that a group within stands in brackets."""
        match condition:
            case All(parts) | AnyOf(parts):
                joint = self.voice.tests["and" if isinstance(condition, All) else "or"]
                said = f" {joint} ".join(self.say(part, len(parts) > 1) for part in parts)
                return f"({said})" if inner and len(parts) > 1 else said
            case Not(part):
                return self.phrases["not"].format(self.say(part))
            case Segment(key, part):
                return self.phrases["segment"].format(self.label(key), self.say(part))
            case Stage():
                return self._stage(condition)
            case Sequence():
                return self._sequence(condition)
            case Consent(channel, brand, status):
                of = self.phrases["brand"].format(self.voice.quote(brand)) if brand else ""
                return self.phrases["consent"].format(self.voice.quote(channel), of, self.phrases[status])
            case Check():
                return self._check(condition)

    def label(self, key: str) -> str:
        """A lifecycle, stage or segment by its label, or by its key."""
        return self.voice.quote(self.labels.get(key, {}).get(self.voice.lang, key.rsplit("/", 1)[-1]))

    def _stage(self, stage: Stage) -> str:
        named = f" {self.voice.tests['or']} ".join(self.label(f"{stage.lifecycle}/{key}") for key in stage.stages)
        said = self.phrases["stage"].format(named, self.label(stage.lifecycle))
        held = stage.for_at_least
        return said + (self.phrases["for"].format(self.voice.duration(held.written)) if held else "")

    def _sequence(self, sequence: Sequence) -> str:
        steps = [self.voice.events(step.names, "one") + self.voice.where(step.where) for step in sequence.steps]
        said = self.phrases["first"] + self.phrases["then"].join(steps)
        said += self.phrases["within"].format(self.voice.duration(sequence.within.written))
        return said + (self.phrases["all_in"].format(self.voice.window(sequence.in_last)) if sequence.in_last else "")

    def _check(self, check: Check) -> str:
        measure = check.measure
        if check.metric:
            return f"{check.metric.name[self.voice.lang]} {self.voice.tests_on(check.tests, check.kind)}"
        if not isinstance(measure, Aggregate):
            raise TypeError("only a metric is a ratio")
        if measure.how == "count":
            return self._count(measure.selection, check.tests)
        of = measure.of.name if measure.of else ""
        tests = self.voice.tests_on(check.tests, check.kind)
        if measure.selection.names == (TRAITS_SET,) and measure.how == "last_value":
            return f"{self.voice.property(of)} {tests}"
        selected = self.voice.selected(measure.selection)
        phrase = self.phrases[measure.how]
        return f"{phrase.format(self.voice.property(of), selected) if of else phrase.format(selected)} {tests}"

    def _count(self, selection: Selection, tests: tuple[Test, ...]) -> str:
        limits = [test.value for test in tests]
        told = self.voice.where(selection.where) + self.voice.window(selection.window)
        if [test.op for test in tests] == ["is"] and limits == [0]:
            return self.voice.no_events(selection.names) + told
        joint = f" {self.voice.tests['and']} "
        if limits == [1]:
            return self._limit(tests[0]).format(self.voice.one_event(selection.names)) + told
        said = joint.join(self._limit(test).format(self.voice.value(test.value, Kind.NUMBER)) for test in tests)
        return f"{said} {self.voice.events(selection.names, 'many')}{told}"

    def _limit(self, test: Test) -> str:
        return self.phrases["exactly"] if test.op == "is" else self.voice.tests[test.op]

    def value(self, value: Any, kind: Kind) -> str:
        """A measured value."""
        return self.phrases["missing"] if value is None else self.voice.value(value, kind)
