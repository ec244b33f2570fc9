"""A register in memory that carries out what resolution says, as the pulse does."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from anstoss.customers.public import Resolution, resolve


@dataclass
class People:
    """Who owns which identity, and everything that was decided."""

    owners: dict[str, int] = field(default_factory=dict)
    first: dict[int, int] = field(default_factory=dict)
    absorbed: dict[int, int] = field(default_factory=dict)
    seq: int = 0

    def owner(self, key: str) -> int | None:
        return self.owners.get(key)

    def keys(self, person: int) -> Iterable[str]:
        return [key for key, owner in self.owners.items() if owner == person]

    def first_seq(self, person: int) -> int:
        return self.first[person]

    def taken(self, person: int) -> bool:
        return person in self.first

    def happens(self, *identity: str, alias: bool = False) -> Resolution:
        self.seq += 1
        found = resolve(identity, self, force=alias)
        if found.is_new:
            self.first[found.person] = self.seq
        for survivor, gone in found.merge:
            assert self.first[survivor] <= self.first[gone], "the one known first survives"
            for key in self.keys(gone):
                self.owners[key] = survivor
            del self.first[gone]
            self.absorbed[gone] = survivor
        self.owners.update(dict.fromkeys(found.attach, found.person))
        return found

    def persons(self) -> dict[int, set[str]]:
        return {person: set(self.keys(person)) for person in self.first}
