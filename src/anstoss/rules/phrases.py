"""Phrases that sentences are made of, in German and English: values, tests, windows, events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from anstoss.brands.public import DAY
from anstoss.customers.public import minor_units
from anstoss.rules.language import Ago, Between, Instant, Kind, Selection, Test, Tests, Where, Within

_LOCALES = {"de": "de_DE", "en": "en_GB"}  # British: days before months, as all of Europe writes them

Words = dict[str, str]

_UNITS = {
    "de": {"s": "Sekunde", "m": "Minute", "h": "Stunde", "d": "Tag", "w": "Woche"},
    "en": {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"},
}
_LAST = {
    "de": {
        "s": "in der letzten Sekunde",
        "m": "in der letzten Minute",
        "h": "in der letzten Stunde",
        "d": "in den letzten 24 Stunden",
        "w": "in der letzten Woche",
    },
    "en": {unit: f"in the last {name}" for unit, name in _UNITS["en"].items()},
}
_TOGETHER = {
    "de": {"last": "in den letzten {}", "span": "von {} bis vor {}"},
    "en": {"last": "in the last {}", "span": "from {} to before {}"},
}
_TESTS: dict[str, dict[str, str]] = {
    "de": {
        "is": "ist {}",
        "is_not": "ist nicht {}",
        "in": "ist {}",
        "not_in": "ist weder {}",
        "above": "über {}",
        "below": "unter {}",
        "at_least": "mindestens {}",
        "at_most": "höchstens {}",
        "before": "vor {}",
        "after": "nach {}",
        "contains": "enthält {}",
        "starts_with": "beginnt mit {}",
        "under": "in {}",
        "known": "ist bekannt",
        "unknown": "ist nicht bekannt",
        "between": "von {} bis {}",
        "times": "von {} bis vor {}",
        "or": "oder",
        "nor": "noch",
        "and": "und",
        "before_ago": "liegt mehr als {} zurück",
        "after_ago": "liegt weniger als {} zurück",
    },
    "en": {
        "is": "is {}",
        "is_not": "is not {}",
        "in": "is {}",
        "not_in": "is neither {}",
        "above": "above {}",
        "below": "below {}",
        "at_least": "at least {}",
        "at_most": "at most {}",
        "before": "before {}",
        "after": "after {}",
        "contains": "contains {}",
        "starts_with": "starts with {}",
        "under": "in {}",
        "known": "is known",
        "unknown": "is not known",
        "between": "from {} to {}",
        "times": "from {} to before {}",
        "or": "or",
        "nor": "nor",
        "and": "and",
        "before_ago": "is more than {} ago",
        "after_ago": "is less than {} ago",
    },
}


@cache
def _names() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(files(__package__).joinpath("events.yaml").read_text("utf-8"))
    return loaded


@dataclass(frozen=True)
class Voice:
    """A language (``de`` or ``en``), and how money and times are written in it."""

    lang: str
    zone: str
    currency: str

    @property
    def tests(self) -> dict[str, str]:
        """The phrases of tests."""
        return _TESTS[self.lang]

    def quote(self, text: object) -> str:
        """A name or text in the language's quotation marks."""
        return f"„{text}“" if self.lang == "de" else f"“{text}”"

    def number(self, value: Any) -> str:
        """A number, with as many decimals as it has."""
        from babel.numbers import format_decimal

        return str(format_decimal(value, locale=_LOCALES[self.lang], decimal_quantization=False))

    def money(self, minor: Any) -> str:
        """An amount of minor units."""
        from babel.numbers import format_currency

        return str(format_currency(minor / minor_units(self.currency), self.currency, locale=_LOCALES[self.lang]))

    def time(self, at: int) -> str:
        """An instant: a date where it is midnight, else date and time to the second."""
        from babel.dates import format_date, format_datetime

        local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(ZoneInfo(self.zone))
        if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
            return str(format_date(local.date(), "medium", locale=_LOCALES[self.lang]))
        return str(format_datetime(local, "medium", tzinfo=local.tzinfo, locale=_LOCALES[self.lang]))

    def days(self, span: int) -> str:
        """A span of microseconds in days."""
        value = span / DAY
        shown = int(value) if value == int(value) else round(value, 1)
        word = {"de": ("Tag", "Tage"), "en": ("day", "days")}[self.lang][shown != 1]
        return f"{self.number(shown)} {word}"

    def duration(self, written: str, dative: bool = True) -> str:
        """``60d`` -> ``60 Tagen`` (after a preposition) or ``60 Tage``."""
        number, unit = written[:-1], written[-1]
        word = _UNITS[self.lang][unit]
        if number != "1":
            word += ("en" if dative else "e") if word == "Tag" else "n" if self.lang == "de" else "s"
        return f"{self.number(int(number))} {word}"

    def window(self, window: Within | Between | None) -> str:
        """In which time, with a leading space; empty for all time."""
        if window is None:
            return ""
        together = _TOGETHER[self.lang]
        if isinstance(window, Between):
            return " " + together["span"].format(self.time(window.start), self.time(window.end))
        if window.written[:-1] == "1":
            return " " + _LAST[self.lang][window.written[-1]]
        return " " + together["last"].format(self.duration(window.written))

    def value(self, value: Any, kind: Kind) -> str:
        """A value in the form of the facts."""
        if isinstance(value, bool):
            return {"de": ("nein", "ja"), "en": ("no", "yes")}[self.lang][value]
        if isinstance(value, str):
            return self.quote(value)
        if isinstance(value, Instant):
            return self.time(value.at)
        if kind is Kind.TIME:
            return self.time(value)
        if kind is Kind.MONEY:
            return self.money(value)
        return self.days(value) if kind is Kind.DAYS else self.number(value)

    def test(self, test: Test, kind: Kind) -> str:
        """What is asked of a value."""
        value: Any = test.value
        written: Any = test.written
        if isinstance(value, Ago):
            return self.tests[f"{test.op}_ago"].format(self.duration(written["ago"], dative=False))
        match test.op:
            case "known":
                return self.tests["known" if value else "unknown"]
            case "in" | "not_in":
                joint = f" {self.tests['or' if test.op == 'in' else 'nor']} "
                listed = joint.join(self.literal(*pair, kind) for pair in zip(value, written, strict=True))
                return self.tests[test.op].format(listed)
            case "between":
                times = isinstance(value[0], Instant)
                return self.tests["times" if times else "between"].format(*(self.value(one, kind) for one in value))
        return self.tests[test.op].format(self.literal(value, written, kind))

    def literal(self, value: Any, written: Any, kind: Kind) -> str:
        """A literal of a rule: text as it was written, everything else formatted."""
        return self.quote(written) if isinstance(value, str) else self.value(value, kind)

    def tests_on(self, tests: Tests, kind: Kind) -> str:
        """All tests on a value."""
        return f" {self.tests['and']} ".join(self.test(test, kind) for test in tests)

    def property(self, name: str) -> str:
        """A property or trait by its label, or quoted by its name."""
        known: Mapping[str, Words] = _names()["properties"]
        return known[name][self.lang] if name in known else self.quote(name)

    def event(self, name: str, form: str) -> str:
        """An event: ``one`` (with its article) or ``many``."""
        known: Mapping[str, Mapping[str, Words]] = _names()["events"]
        if name in known:
            return known[name][self.lang][form]
        words = {"de": {"one": "ein Ereignis", "many": "Ereignisse"}, "en": {"one": "an event", "many": "events"}}
        return f"{words[self.lang][form]} {self.quote(name)}"

    def events(self, names: tuple[str, ...], form: str) -> str:
        """Events joined by *or*."""
        return f" {self.tests['or']} ".join(self.event(name, form) for name in names)

    def one_event(self, names: tuple[str, ...]) -> str:
        """``eine Bestellung``, ``one order``."""
        said = self.events(names, "one")
        return said if self.lang == "de" else "one " + said.split(" ", 1)[1]

    def no_events(self, names: tuple[str, ...]) -> str:
        """``keine Bestellung``, ``no orders``."""
        if self.lang == "de":
            return " und ".join(f"k{self.event(name, 'one')}" for name in names)
        return " and ".join(f"no {self.event(name, 'many')}" for name in names)

    def where(self, where: tuple[Where, ...]) -> str:
        """What the events must be like, with a leading space; empty without any condition."""
        paths = [one for one in where if one.key.name == "category" and [test.op for test in one.tests] == ["under"]]
        said = "".join(f" {self.tests_on(one.tests, one.key.kind)}" for one in paths)
        rest = [
            f"{self.property(one.key.name)} {self.tests_on(one.tests, one.key.kind)}"
            for one in where
            if one not in paths
        ]
        return f"{said} ({', '.join(rest)})" if rest else said

    def selected(self, selection: Selection, form: str = "many") -> str:
        """The events of a selection with conditions and window."""
        return self.events(selection.names, form) + self.where(selection.where) + self.window(selection.window)
