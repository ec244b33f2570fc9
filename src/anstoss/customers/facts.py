"""Facts: the typed, narrow form in which everything that happened to a person is remembered."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import msgspec

Scalar = str | int | float | bool
"""What a property of a fact may be. There is no null: what is not known is not there."""

MONEY_KEYS = frozenset(
    {"price", "revenue", "total", "subtotal", "shipping", "tax", "discount", "value", "cost", "margin"}
)
"""Properties that are amounts of money, held as integer minor units."""

ITEM_TEXTS = ("product_id", "sku", "name", "category", "brand", "variant", "coupon")
"""Properties of an order line that are text."""

ITEM_KEYS = frozenset({*ITEM_TEXTS, "price", "quantity"})
"""Properties that an order line can carry."""


DIRECT_IDENTIFIERS = frozenset(
    {"email", "phone", "name", "first_name", "last_name", "username", "avatar", "website", "address", "street"}
    | {"postal_code", "address.street", "address.postal_code"}
)
"""Traits that lead to a person: a fact says only that they are known, never what they are."""


class Fact(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One thing that happened to one person.

    ``at`` is its event time in UTC microseconds; ``seq`` the position in the log that caused it and ``n`` its number
    there (0 = the row itself, 1.. = what the engine added); ``day`` and ``hour`` are local to the brand (days since
    1970-01-01, 0..23). ``props`` has flat, dotted keys and folded text (:func:`fold_text`); keys of
    :data:`MONEY_KEYS` are integer minor units. ``items`` are the lines of an order or a basket.
    """

    at: int
    seq: int
    n: int
    name: str
    brand: str
    day: int
    hour: int
    props: dict[str, Scalar]
    items: list[dict[str, Any]] = []


order_of_facts = attrgetter("at", "seq", "n")
"""The one order in which facts are read: event time, then position in the log, then number."""


class History:
    """Everything that happened to one person, by name of event, in the order of facts.

    ``rows`` is the reading side for hot loops: name -> (event times, facts), two lists of equal length.
    """

    __slots__ = ("_orders", "rows")

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self.rows: dict[str, tuple[list[int], list[Fact]]] = {}
        self._orders: dict[tuple[str, Scalar | None], list[Fact]] | None = None
        for fact in facts:
            self.add(fact)

    def of(self, name: str) -> Sequence[Fact]:
        """The facts of that name, oldest first."""
        row = self.rows.get(name)
        return row[1] if row else ()

    def names(self) -> frozenset[str]:
        """Names of which there is at least one fact."""
        return frozenset(self.rows)

    def all(self) -> list[Fact]:
        """All facts, oldest first."""
        return sorted((fact for _, facts in self.rows.values() for fact in facts), key=order_of_facts)

    def of_order(self, brand: str, order_id: Scalar) -> Sequence[Fact]:
        """What was said of one order (facts named ``Order …``), in the order of arrival."""
        if self._orders is None:  # most people are asked about an order never or once
            self._orders = {}
            for fact in self.all():
                self._note_order(fact)
        return self._orders.get((brand, order_id), ())

    def _note_order(self, fact: Fact) -> None:
        if self._orders is not None and fact.name.startswith("Order "):
            self._orders.setdefault((fact.brand, fact.props.get("order_id")), []).append(fact)

    def add(self, fact: Fact) -> None:
        """Put a fact where it belongs. Late arrivals find their place; the newest is the quick case."""
        self._note_order(fact)
        times, facts = self.rows.setdefault(fact.name, ([], []))
        if not facts or order_of_facts(facts[-1]) <= order_of_facts(fact):
            times.append(fact.at)
            facts.append(fact)
            return
        place = bisect_right(facts, order_of_facts(fact), key=order_of_facts)
        times.insert(place, fact.at)
        facts.insert(place, fact)

    def remove(self, fact: Fact) -> bool:
        """Take out the fact with this name, time, ``seq`` and ``n``; whether it was there."""
        times, facts = self.rows.get(fact.name, ([], []))
        place = bisect_right(facts, order_of_facts(fact), key=order_of_facts) - 1
        if place < 0 or order_of_facts(facts[place]) != order_of_facts(fact):
            return False
        del times[place], facts[place]
        self._orders = None
        if not facts:
            del self.rows[fact.name]
        return True


def fold_text(text: str) -> str:
    """Text as it is compared: without regard to case, composition (NFC) and outer space.

    Characters that cannot be stored everywhere (NUL, lone surrogates) are dropped.
    """
    if text.isascii():
        return text.replace("\x00", "").lower().strip()
    kept = "".join(c for c in text if c != "\x00" and not "\ud800" <= c <= "\udfff")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", kept).casefold()).strip()


def category_path(text: str) -> str:
    """A category as a path of folded names: ``"Outdoor > Jackets"`` -> ``"outdoor/jackets"``."""
    parts = (part.strip() for part in fold_text(text).replace(">", "/").split("/"))
    return "/".join(part for part in parts if part)
