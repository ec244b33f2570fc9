"""What is known about a person: traits with the time they were learnt, the newest statement surviving."""

from collections.abc import Iterator, Mapping

import msgspec

from anstoss.customers.facts import Scalar
from anstoss.customers.folding import flat_traits, is_identifying_trait, trait_scalar

MAX_TRAITS = 300


class Trait(msgspec.Struct, array_like=True, frozen=True):
    """A trait as it was sent, with when (UTC microseconds) and where in the log it was stated last.

    ``since`` is when the facts say so: what is stated again is no news and makes no fact.
    """

    value: object
    at: int
    seq: int
    since: int


class Profile(msgspec.Struct, array_like=True):
    """The traits of one person, direct identifiers included: the only place beside the log where those are kept."""

    traits: dict[str, Trait] = {}

    def get(self, key: str) -> object | None:
        """The value of a trait as it was sent, or none."""
        trait = self.traits.get(key)
        return None if trait is None else trait.value

    def text(self, key: str) -> str:
        """The value of a trait as text, empty when unknown."""
        value = self.get(key)
        return "" if value is None else str(value)

    def learn(self, traits: Mapping[str, object], at: int, seq: int, minor: int = 100) -> dict[str, Scalar]:
        """Take in traits stated at an instant; returns what of it is news, in the folded form of a fact.

        A newer statement wins, whatever the order of arrival; a null takes a trait away; equal instants are decided
        by the order in the log. ``minor`` is how many minor units the currency has to one major unit.
        """
        news: dict[str, Scalar] = {}
        for key, value in flat_traits(traits):
            folded, known = _folded(key, value, minor), self.traits.get(key)
            if known is None:
                if len(self.traits) < MAX_TRAITS:
                    # What was never known has been missing from the beginning, and facts say nothing of it.
                    self.traits[key] = Trait(value, at, seq, 0 if folded == "" else at)
                    news |= {} if folded == "" else {key: folded}
            elif (known.at, known.seq) > (at, seq):
                news |= {key: folded} if at < known.since else {}
            elif known.value == value:
                self.traits[key] = Trait(value, at, seq, known.since)
            else:
                self.traits[key] = Trait(value, at, seq, at)
                news[key] = folded
        return news

    def absorb(self, other: "Profile") -> None:
        """Join the traits of a person who turned out to be the same: each trait's newest statement survives."""
        for key, trait in other.traits.items():
            mine = self.traits.get(key)
            if mine is None or (trait.at, trait.seq) > (mine.at, mine.seq):
                self.traits[key] = trait

    def readable(self) -> Iterator[tuple[str, object]]:
        """Traits that have a value, by name."""
        return ((key, self.traits[key].value) for key in sorted(self.traits) if self.traits[key].value is not None)


def _folded(key: str, value: object, minor: int) -> Scalar:
    if value is None or value == "":
        return ""
    if is_identifying_trait(key):
        return True
    folded = trait_scalar(key, value, minor)
    return "" if folded is None else folded
