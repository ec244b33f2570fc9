"""Checking which facts are meant: names of events, ``where``, windows of time."""

from collections.abc import Iterable, Mapping

from anstoss.customers.public import canonical_event_name, is_identifying_trait, snake
from anstoss.rules.language import Between, Kind, Selection, Step, Tests, Where, Within
from anstoss.rules.literals import duration, instant, key_of
from anstoss.rules.parse_tests import TestReader
from anstoss.rules.problems import unknown

SELECTION_KEYS = ("event", "where", "within", "between")
# Facts keep these of an event (a product's name, a page's title); only as traits do they lead to a person.
_OPEN_IN_EVENTS = frozenset({"name", "title", "id", "postal_code"})


class SelectionReader(TestReader):
    """Reads selections, collecting what is wrong with them."""

    def mapping(self, body: object, place: str, keys: Iterable[str], needs: Iterable[str] = ()) -> Mapping[str, object]:
        """``body`` if it is a mapping; notes keys beyond ``keys`` and absent ``needs``. Empty if it is none."""
        if not isinstance(body, Mapping):
            self.wrong(place, body, "Hier stehen Angaben der Form name: wert.", "This is a mapping of name: value.")
            return {}
        for key in body:
            if key not in keys:
                self.problems.append(unknown(f"{place}.{key}", ("Die Angabe", "The key"), key, keys))
        for key in needs:
            if key not in body:
                self.wrong(place, body, f"Hier fehlt {key}.", f"{key} is missing here.")
        return body

    def selection(self, body: Mapping[str, object], place: str) -> Selection:
        """The facts that ``event``, ``where``, ``within`` and ``between`` of ``body`` mean."""
        names = self.names(body.get("event", ()), f"{place}.event")
        return Selection(names, self.where(body, place), self.window(body, place))

    def names(self, written: object, place: str) -> tuple[str, ...]:
        """One event name or a list of them, in the spec's spelling."""
        listed = list(written) if isinstance(written, list | tuple) else [written]
        good = [name for name in listed if isinstance(name, str) and name.strip() and name.isprintable()]
        if (len(good) != len(listed) or not good) and written != ():
            self.wrong(place, written, "Hier steht der Name eines Ereignisses.", "This is the name of an event.")
        return tuple(dict.fromkeys(canonical_event_name(name) for name in good))

    def where(self, body: Mapping[str, object], place: str) -> tuple[Where, ...]:
        """The tests on properties; none without ``where``."""
        if "where" not in body:
            return ()
        place = f"{place}.where"
        tests = body["where"]
        if not isinstance(tests, Mapping) or not tests:
            self.wrong(place, tests, "Hier steht eigenschaft: prüfung.", "This is property: test.")
            return ()
        return tuple(self._where(key, test, f"{place}.{key}") for key, test in tests.items())

    def _where(self, written: object, body: object, place: str) -> Where:
        key = key_of(self.key_name(written, place))
        tests = self.read(body, place, key.kind, path=key.name == "category")
        if is_identifying_trait(key.name) and key.name not in _OPEN_IN_EVENTS:
            self.refuse_identifier(tests, place)
        return Where(key, tests)

    def key_name(self, written: object, place: str) -> str:
        """The name of a property or trait as facts spell it."""
        if isinstance(written, str) and written.strip() and written.isprintable() and len(written) <= 200:
            return snake(written.strip())
        self.wrong(place, written, "Hier steht der Name einer Eigenschaft.", "This is the name of a property.")
        return "?"

    def refuse_identifier(self, tests: Tests, place: str) -> None:
        """What names a person directly may only be asked for as known."""
        for test in tests:
            if test.op != "known":
                self.wrong(
                    f"{place}.{test.op}",
                    test.written,
                    "Angaben, die eine Person direkt benennen, dürfen nur mit known geprüft werden.",
                    "What names a person directly may only be tested with known.",
                )

    def window(self, body: Mapping[str, object], place: str) -> Within | Between | None:
        """``within`` or ``between``; none without either (all time)."""
        if "within" in body and "between" in body:
            self.wrong(
                place, body, "Entweder within oder between, nicht beides.", "Either within or between, not both."
            )
        if "within" in body:
            return self.span(body["within"], f"{place}.within")
        return self._between(body["between"], f"{place}.between") if "between" in body else None

    def span(self, written: object, place: str) -> Within | None:
        """A duration."""
        found = duration(written)
        if found is None:
            self.wrong_duration(written, place)
            return None
        return Within(found, str(written))

    def _between(self, written: object, place: str) -> Between | None:
        pair = written if isinstance(written, list | tuple) else ()
        ends = [instant(end, self.vocabulary.zone) for end in pair]
        if len(ends) != 2 or ends[0] is None or ends[1] is None or ends[0] >= ends[1]:
            self.wrong(
                place,
                written,
                "Hier stehen zwei Daten: [von, bis], von vor bis.",
                "This is two dates: [from, to], from before to.",
            )
            return None
        return Between(ends[0], ends[1], (str(pair[0]), str(pair[1])))

    def step(self, body: object, place: str) -> Step:
        """A step of a sequence."""
        fields = self.mapping(body, place, ("event", "where"), needs=("event",))
        return Step(self.names(fields.get("event", ()), f"{place}.event"), self.where(fields, place))

    def measured_key(self, how: str, written: object, place: str) -> tuple[str, Kind]:
        """The property that an aggregate is ``of``, and the kind of its value."""
        key = key_of(self.key_name(written, place))
        if how in ("sum", "average", "smallest", "largest") and key.kind is Kind.TEXT:
            self.wrong(place, written, f"{key.name} ist Text, keine Zahl.", f"{key.name} is text, not a number.")
        return key.name, key.kind
