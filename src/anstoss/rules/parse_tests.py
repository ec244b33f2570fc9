"""Checking tests: what is asked of one value."""

import math
from collections.abc import Mapping

from anstoss.brands.public import DAY
from anstoss.customers.public import category_path, fold_text, minor_units
from anstoss.rules.language import Ago, Instant, Kind, Test, Tests, Vocabulary
from anstoss.rules.literals import duration, instant, scaled
from anstoss.rules.problems import Problem, unknown

EQUALITY = ("is", "is_not", "in", "not_in")
NUMBERS = ("above", "below", "at_least", "at_most")
TIMES = ("before", "after")
TEXTS = ("contains", "starts_with", "under")
OPERATORS = (*EQUALITY, *NUMBERS, "between", *TIMES, *TEXTS, "known")
"""Every test of the language."""

_FITTING = {
    Kind.ANY: frozenset(OPERATORS),
    Kind.TEXT: frozenset({*EQUALITY, *TEXTS, "known"}),
    Kind.NUMBER: frozenset({*EQUALITY, *NUMBERS, "between", "known"}),
    Kind.MONEY: frozenset({*EQUALITY, *NUMBERS, "between", "known"}),
    Kind.DAYS: frozenset({*EQUALITY, *NUMBERS, "between", "known"}),
    Kind.TIME: frozenset({*TIMES, "between", "known"}),
}
_NAMES = {
    Kind.ANY: ("ein Wert", "a value"),
    Kind.TEXT: ("Text", "text"),
    Kind.NUMBER: ("eine Zahl", "a number"),
    Kind.MONEY: ("ein Geldbetrag", "an amount of money"),
    Kind.DAYS: ("eine Zahl von Tagen", "a number of days"),
    Kind.TIME: ("ein Zeitpunkt", "a time"),
}
LARGEST = 2**53
"""Beyond this, whole numbers are no longer exact in both readings."""


class TestReader:
    """Reads tests, collecting what is wrong with them."""

    __test__ = False  # not a test case of pytest

    def __init__(self, vocabulary: Vocabulary, problems: list[Problem]) -> None:
        self.vocabulary = vocabulary
        self.problems = problems

    def wrong(self, place: str, value: object, de: str, en: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(place, value, de, en))

    def read(self, body: object, place: str, kind: Kind, path: bool = False) -> Tests:
        """The tests in ``body``: a literal (= ``is``) or a mapping of tests. ``path``: texts are category paths."""
        if not isinstance(body, Mapping):
            body = {"is": body}
        if not body:
            self.wrong(place, body, "Hier fehlt eine Prüfung, z. B. above: 100.", "A test is missing, e.g. above: 100.")
        tests = [self._test(op, value, f"{place}.{op}", kind, path) for op, value in body.items()]
        good = tuple(test for test in tests if test)
        self._refuse_contradiction(good, place, body)
        return good

    def _test(self, op: object, value: object, place: str, kind: Kind, path: bool) -> Test | None:
        if not isinstance(op, str) or op not in OPERATORS:
            self.problems.append(unknown(place, ("Die Prüfung", "The test"), op, OPERATORS))
            return None
        if op not in _FITTING[kind]:
            de, en = _NAMES[kind]
            self.wrong(place, value, f"{op} passt nicht: geprüft wird {de}.", f"{op} does not fit: this is {en}.")
            return None
        found = self._operand(op, value, place, kind, path)
        return None if found is None else Test(op, found, value)

    def _operand(self, op: str, value: object, place: str, kind: Kind, path: bool) -> object:
        match op:
            case "known":
                return self._yes_no(value, place)
            case "in" | "not_in":
                return self._list(value, place, kind, path)
            case "between":
                return self._pair(value, place, kind)
            case "before" | "after":
                return self._time(value, place)
            case "under":
                return self._literal(value, place, Kind.TEXT, True)
            case "contains" | "starts_with":
                return self._literal(value, place, Kind.TEXT, False)
            case "is" | "is_not":
                return self._literal(value, place, kind, path)
            case _:
                return self._literal(value, place, Kind.NUMBER if kind is Kind.ANY else kind, False)

    def _yes_no(self, value: object, place: str) -> bool | None:
        if isinstance(value, bool):
            return value
        self.wrong(place, value, "Hier steht true oder false.", "This is true or false.")
        return None

    def _list(self, value: object, place: str, kind: Kind, path: bool) -> tuple[object, ...] | None:
        if not isinstance(value, list | tuple) or not value:
            self.wrong(place, value, "Hier steht eine Liste von Werten.", "This is a list of values.")
            return None
        found = [self._literal(one, f"{place}[{i}]", kind, path) for i, one in enumerate(value)]
        return None if None in found else tuple(found)

    def _pair(self, value: object, place: str, kind: Kind) -> tuple[object, object] | None:
        if not isinstance(value, list | tuple) or len(value) != 2:
            self.wrong(place, value, "Hier stehen zwei Werte: [von, bis].", "This is two values: [from, to].")
            return None
        numbers = kind is not Kind.TIME and all(isinstance(one, int | float) for one in value)
        asked = Kind.TIME if kind is Kind.ANY and not numbers else Kind.NUMBER if kind is Kind.ANY else kind
        low, high = (self._literal(one, f"{place}[{i}]", asked, False) for i, one in enumerate(value))
        if low is None or high is None:
            return None
        if low > high:  # type: ignore[operator]  # both are numbers by now
            self.wrong(place, value, "Der erste Wert ist größer als der zweite.", "The first is above the second.")
            return None
        return (Instant(int(low)), Instant(int(high))) if asked is Kind.TIME else (low, high)

    def _time(self, value: object, place: str) -> Instant | Ago | None:
        if isinstance(value, Mapping) and set(value) == {"ago"}:
            span = duration(value["ago"])
            if span is not None:
                return Ago(span)
            self.wrong_duration(value["ago"], f"{place}.ago")
            return None
        at = self._literal(value, place, Kind.TIME, False)
        return None if at is None else Instant(int(at))

    def wrong_duration(self, value: object, place: str) -> None:
        """Note that ``value`` is not a duration."""
        self.wrong(
            place, value, "Keine Dauer. Beispiele: 15m, 12h, 7d, 2w.", "Not a duration. Examples: 15m, 12h, 7d, 2w."
        )

    def _literal(self, value: object, place: str, kind: Kind, path: bool) -> str | int | float | bool | None:
        if kind is Kind.TIME:
            at = instant(value, self.vocabulary.zone)
            if at is None:
                self.wrong(place, value, "Kein Datum. Beispiel: 2026-05-01.", "Not a date. Example: 2026-05-01.")
            return at
        if isinstance(value, str) and kind in (Kind.TEXT, Kind.ANY):
            text = category_path(value) if path else fold_text(value)
            if not text:
                self.wrong(
                    place, value, "Leerer Text: gemeint ist known: false?", "Empty text: did you mean known: false?"
                )
            return text or None
        if isinstance(value, bool):
            if kind is Kind.ANY:
                return value
        elif isinstance(value, int | float) and math.isfinite(value) and kind is not Kind.TEXT:
            number = self._number(value, kind)
            if abs(number) <= LARGEST:
                return number
            self.wrong(place, value, "Diese Zahl ist zu groß.", "This number is too large.")
            return None
        de, en = _NAMES[kind]
        quoted = f" Text in Anführungszeichen: '{value}'.", f" Put text in quotes: '{value}'."
        hint = quoted if kind is Kind.TEXT and isinstance(value, int | float) else ("", "")
        self.wrong(place, value, f"Hier steht {de}.{hint[0]}", f"This is {en}.{hint[1]}")
        return None

    def _number(self, value: int | float, kind: Kind) -> int | float:
        if kind is Kind.MONEY:
            return scaled(value, minor_units(self.vocabulary.currency))
        return scaled(value, DAY) if kind is Kind.DAYS else value

    def _refuse_contradiction(self, tests: Tests, place: str, body: object) -> None:
        kinds = {kind for test in tests if (kind := _operand_kind(test)) is not None}
        if len(kinds) > 1:
            self.wrong(
                place,
                body,
                "Diese Prüfungen passen zu keinem Wert zugleich (Text, Zahl, Zeit).",
                "No value fits these tests at once (text, number, time).",
            )


def _operand_kind(test: Test) -> str | None:
    if test.op in ("known", "is_not", "not_in"):
        return None
    sample = test.value[0] if isinstance(test.value, tuple) else test.value
    if isinstance(sample, Instant | Ago):
        return "time"
    return "text" if isinstance(sample, str) else "yes/no" if isinstance(sample, bool) else "number"
