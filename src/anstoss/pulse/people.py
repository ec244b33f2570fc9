"""People in ``state.db``: loading many at once, and a cache of those that were touched last."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import msgspec
import orjson

from anstoss.customers.public import Fact, History, Profile, Resolution
from anstoss.pulse.standing import Person, Standing
from anstoss.store.public import Connection

CACHED = 20_000
"""People kept in memory between batches."""

_encode = msgspec.msgpack.Encoder().encode
_read_standing = msgspec.msgpack.Decoder(Standing).decode
_read_profile = msgspec.msgpack.Decoder(Profile).decode
_read_body = msgspec.msgpack.Decoder(
    tuple[dict[str, str | int | float | bool], list[dict[str, str | int | float]]]
).decode

_NUMBERS_IN = "IN (SELECT value FROM json_each(?))"


class People:
    """The people of one state file, and whose identities are whose. Serves as the register of resolution."""

    def __init__(self, con: Connection, cached: int = CACHED) -> None:
        self._con = con
        self._cached = cached
        self._people: OrderedDict[int, Person] = OrderedDict()
        self._owners: dict[str, int] = {}

    def prepare(self, keys: Iterable[str]) -> None:
        """Look up the owners of identities and load them, in a few queries for a whole batch."""
        wanted = [key for key in set(keys) if key not in self._owners]
        if wanted:
            rows = self._con.execute(
                "SELECT key, person FROM identity WHERE key IN (SELECT value FROM json_each(?))",
                (orjson.dumps(wanted).decode(),),
            )
            self._owners.update(rows.fetchall())
        self.load(self._owners[key] for key in keys if key in self._owners)

    def load(self, numbers: Iterable[int]) -> list[Person]:
        """The people with these numbers, those that exist, loaded if need be."""
        wanted = list(dict.fromkeys(numbers))
        missing = [number for number in wanted if number not in self._people]
        if missing:
            self._fetch(missing)
        found = [self._people[number] for number in wanted if number in self._people]
        for person in found:
            self._people.move_to_end(person.number)
        return found

    def get(self, number: int) -> Person:
        """One person that exists."""
        if number not in self._people:
            self._fetch((number,))
        self._people.move_to_end(number)
        return self._people[number]

    def create(self, standing: Standing) -> Person:
        """A new person."""
        person = Person(standing, Profile(), History())
        self._people[standing.person] = person
        return person

    def claim(self, resolution: Resolution) -> None:
        """Remember what a resolution says of identities and joined persons."""
        for survivor, absorbed in resolution.merge:
            gone = self._people.pop(absorbed)
            self._owners.update((key, survivor) for key in gone.standing.keys if self._owners.get(key) == absorbed)
        for key in resolution.attach:
            self._owners[key] = resolution.person

    def owner(self, key: str) -> int | None:
        """The person an identity belongs to; it must have been prepared."""
        return self._owners.get(key)

    def keys(self, person: int) -> list[str]:
        """A person's identities."""
        return self.get(person).standing.keys

    def first_seq(self, person: int) -> int:
        """The log position at which a person was first seen."""
        return self.get(person).standing.first_seq

    def taken(self, person: int) -> bool:
        """Whether this number is in use."""
        return bool(self.load((person,)))

    def shrink(self) -> None:
        """Let go of people untouched for longest; only after everything was written."""
        while len(self._people) > self._cached:
            self._people.popitem(last=False)
        if len(self._owners) > 8 * self._cached:
            self._owners.clear()

    def forget(self) -> None:
        """Drop all that is in memory: after a failed transaction it is not what the file says."""
        self._people.clear()
        self._owners.clear()

    def _fetch(self, numbers: Sequence[int]) -> None:
        wanted = orjson.dumps(numbers).decode()
        rows = self._con.execute(f"SELECT person, profile, standing FROM person WHERE person {_NUMBERS_IN}", (wanted,))  # noqa: S608
        for number, profile, standing in rows.fetchall():
            self._people[number] = Person(_read_standing(standing), _read_profile(profile), History())
        rows = self._con.execute(
            f"SELECT person, at, seq, n, name, brand, day, hour, body FROM history WHERE person {_NUMBERS_IN}",  # noqa: S608
            (wanted,),
        )
        for number, at, seq, n, name, brand, day, hour, body in rows.fetchall():
            props, items = _read_body(body)
            self._people[number].history.add(Fact(at, seq, n, name, brand, day, hour, props, items))


def person_row(person: Person) -> tuple[int, int, int | None, int, str, bytes, bytes]:
    """A person as a row of ``person``."""
    standing = person.standing
    words = [person.profile.text("first_name"), person.profile.text("last_name"), person.profile.text("email")]
    search = " ".join([*words, *(key.partition(":")[2] for key in standing.keys)]).casefold()
    profile, moving = _encode(person.profile), _encode(standing)
    return standing.person, standing.first_at, standing.wakes_at(), standing.era, search, profile, moving


def fact_row(person: int, fact: Fact) -> tuple[object, ...]:
    """A fact as a row of ``history``."""
    body = _encode((fact.props, fact.items))
    return person, fact.seq, fact.n, fact.at, fact.name, fact.brand, fact.day, fact.hour, body
