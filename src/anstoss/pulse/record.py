"""What is done to one person, kept in her history and noted for writing and for the log."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from anstoss.brands.public import Brand
from anstoss.customers.public import BrandZone, Fact
from anstoss.log.public import NewEvent
from anstoss.pulse.definitions import Eras
from anstoss.pulse.outcome import Outcome
from anstoss.pulse.standing import Person

ENGINE = "engine"
"""The source under which the pulse logs what it does."""
OWN_FACTS = frozenset(
    {"Stage Entered", "Stage Corrected", "Segment Entered", "Segment Left", "Journey Started", "Journey Not Started"}
    | {"Journey Ended", "Journey Goal Reached", "Message Planned", "Message Handed", "Message Sent", "Message Not Sent"}
    | {"Traits Set", "Scores Set"}
)
"""What only Anstoss itself states. A sender outside that uses such a name states nothing about anybody."""


@dataclass(frozen=True)
class World:
    """What advancing needs besides the person: definitions by era, brands, and the seed of all chance.

    ``known_brands`` reads the brands anew: one that was added a moment ago is found by the first row that names it.
    """

    eras: Eras
    known_brands: Callable[[], Mapping[str, Brand]]
    seed: bytes
    brands: dict[str, Brand] = field(default_factory=dict)
    zones: dict[str, BrandZone] = field(default_factory=dict)

    def zone(self, brand: str) -> BrandZone:
        """Folding data of a brand; of the first brand for rows of an unknown one."""
        found = self.zones.get(brand)
        if found is None:
            found = self.zones[brand] = BrandZone.of(self.brand(brand))
        return found

    def brand(self, key: str) -> Brand:
        """A brand, or the first one for an unknown key: its rows are folded, but nothing is ever sent for them."""
        if key not in self.brands:
            self.refresh()
        return self.brands.get(key) or self.brands[min(self.brands)]

    def refresh(self) -> None:
        """Take over brands that were added or changed."""
        brands = self.known_brands()
        if brands != self.brands:
            self.brands.clear()
            self.brands.update(brands)
            self.zones.clear()


class Record:
    """One person at work: her facts grow here, and every change is noted in the outcome."""

    def __init__(self, person: Person, world: World, out: Outcome) -> None:
        self.person, self.world, self.out = person, world, out
        self.standing, self.history = person.standing, person.history

    @property
    def number(self) -> int:
        """The person's number."""
        return self.standing.person

    def address(self) -> str:
        """Her e-mail address: what the profile says, else the one she is identified by."""
        known = self.person.profile.text("email")
        keys = (key.removeprefix("email:") for key in self.standing.keys if key.startswith("email:"))
        return known or next(keys, "")

    def keep(self, fact: Fact) -> None:
        """Take a fact into her history."""
        self.history.add(fact)
        self.out.facts.append((self.number, fact))

    def withdraw(self, fact: Fact) -> None:
        """Take a fact out of her history again: a better derivation replaces it."""
        self.history.remove(fact)
        self.out.withdrawn.append((self.number, fact))
        self.out.rewritten.add(self.number)

    def do(
        self, name: str, what: dict[str, Any], at: int, *, live: bool = True, why: dict[str, Any] | None = None
    ) -> Fact:
        """Something that the engine does: a fact of hers, and an event in the log with the evidence for it.

        Its place is (her last row, a running number), which no batch or crash can change.
        """
        self.standing.n += 1
        seq, n, brand = self.standing.last_seq, self.standing.n, self.standing.brand
        day, hour = self.world.zone(brand).local(at)
        fact = Fact(at, seq, n, name, brand, day, hour, what, [])
        self.keep(fact)
        self._tell(fact, live=live, why=why)
        return fact

    def note(self, name: str, what: dict[str, Any], at: int) -> None:
        """Something for the log only: about the record, not about her."""
        self.standing.n += 1
        seq, n = self.standing.last_seq, self.standing.n
        self._tell(Fact(at, seq, n, name, self.standing.brand, 0, 0, what, []), live=False)

    def _tell(self, fact: Fact, *, live: bool, why: dict[str, Any] | None = None) -> None:
        message_id = f"{fact.seq}.{fact.n}"
        payload = orjson.dumps({"properties": fact.props, **({"evidence": why} if why else {})})
        identity = (self.person.identity,)
        self.out.events.append(
            NewEvent(ENGINE, message_id, identity, "track", fact.name, fact.brand, fact.at, payload, ENGINE, live)
        )
