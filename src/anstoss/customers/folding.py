"""From a log row to a fact: names, numbers, money, text and times in the one form that both readings of rules share.

Guarantees: text is NFC, case-folded and stripped; money is an integer of minor units; ISO 8601 instants are UTC text of
fixed width, so that comparing text compares time; nothing is null or NaN; direct identifiers (names, addresses,
numbers, free text) never leave the profile: a fact says only that they are known.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from anstoss.brands.public import DAY, HOUR, Brand
from anstoss.customers.facts import DIRECT_IDENTIFIERS, ITEM_TEXTS, MONEY_KEYS, Fact, Scalar, category_path, fold_text
from anstoss.customers.names import canonical_event_name
from anstoss.log.public import Event, contents

MAX_PROPERTIES = 200
MAX_TEXT = 1_000
_HALF_HOUR = HOUR // 2
_EXACT_FLOAT = 2**53
_MONEY_DIGITS = 16
_SHORT = 200
_NUMBERS = MONEY_KEYS | {"quantity", "position", "rating"}
# In properties ``name`` is a product's and ``username`` a shop's own word, so this set differs from that of traits.
_IDENTIFYING = DIRECT_IDENTIFIERS - {"name"} | {"ip", "recipient", "share_message", "review_body", "user_agent"}
_IDENTIFYING_TRAITS = DIRECT_IDENTIFIERS | {"title", "description", "id"}
_TEXTS = frozenset({*ITEM_TEXTS, "order_id"})
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?")
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_PAGE_NAMES = {"page": "Page Viewed", "screen": "Screen Viewed", "group": "Group Joined"}


@dataclass(frozen=True)
class BrandZone:
    """What folding needs of a brand: its zone, and how many minor units its currency has to one major unit."""

    zone: ZoneInfo
    minor: int

    @classmethod
    def of(cls, brand: Brand) -> "BrandZone":
        """From a brand."""
        return cls(ZoneInfo(brand.zone), minor_units(brand.currency))

    def local(self, at: int) -> tuple[int, int]:
        """The local day (days since 1970-01-01) and hour (0 to 23) of an instant."""
        shifted = at + _offset(self.zone, at // _HALF_HOUR)
        return shifted // DAY, shifted % DAY // HOUR


def minor_units(currency: str) -> int:
    """Minor units to one major unit, by ISO 4217: 100 for most, 1 for yen and its like, 1,000 for some dinars."""
    return {"JPY": 1, "KRW": 1, "ISK": 1, "HUF": 100, "BHD": 1000, "KWD": 1000, "TND": 1000}.get(currency.upper(), 100)


@lru_cache(maxsize=131_072)
def _offset(zone: ZoneInfo, half_hour: int) -> int:
    # Offsets change at whole UTC hours or, as in Adelaide, half-way between, so half hours can be cached.
    moment = datetime.fromtimestamp(half_hour * 1800, zone)
    offset = moment.utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) * 1_000_000


@lru_cache(maxsize=1_024)
def snake(key: str) -> str:
    """``firstName`` and ``first_name`` are one trait."""
    return _WORD_START.sub("_", key).lower().replace("-", "_").replace(" ", "_")


def payload_of(event: Event) -> dict[str, object]:
    """The payload of a row as a mapping; rows that other versions wrote differently give an empty one."""
    body: object = contents(event.payload or b"{}")
    return body if isinstance(body, dict) else {}


def section(payload: Mapping[str, object], name: str) -> dict[str, object]:
    """A part of a payload (``properties``, ``traits``, ``context``) as a mapping, empty when it is not one."""
    part = payload.get(name)
    return part if isinstance(part, dict) else {}


def fact_of(event: Event, payload: Mapping[str, object], place: BrandZone) -> Fact | None:
    """The fact that a row states, before anything is known of its person; none for rows that state none."""
    if event.type == "track":
        name = canonical_event_name(event.name)
    elif event.type in _PAGE_NAMES:
        name = _PAGE_NAMES[event.type]
    else:
        return None
    properties = section(payload, "traits" if event.type == "group" else "properties")
    if event.type in ("page", "screen") and event.name:
        properties = {"page_name": event.name, **properties}
    return make_fact(event.occurred_at, (event.seq, 0), name, event.brand, properties, place)


def make_fact(
    at: int, place_in_log: tuple[int, int], name: str, brand: str, properties: Mapping[str, object], place: BrandZone
) -> Fact:
    """A fact from properties as they were sent. ``place_in_log`` is (seq, n)."""
    minor = _minor(properties, place)
    props = dict(islice(_flatten(properties, minor, _IDENTIFYING), MAX_PROPERTIES))
    items = _items(properties.get("products"), minor)
    if name.startswith("Order "):
        _complete_order(name, props, items, place_in_log[0])
    day, hour = place.local(at)
    return Fact(at, *place_in_log, name, brand, day, hour, props, items)


def shown_products(properties: Mapping[str, object], place: BrandZone) -> list[dict[str, object]]:
    """The products of an event as a message shows them: text as it was sent, prices in minor units.

    An event about one product is its own product. A price that is no number is left out.
    """
    minor = _minor(properties, place)
    products = properties.get("products")
    if not isinstance(products, list):
        products = [properties] if "product_id" in properties else []
    return [_shown(product, minor) for product in products if isinstance(product, dict)]


def _shown(product: Mapping[str, object], minor: int) -> dict[str, object]:
    shown = {key: value for key, value in product.items() if key != "price"}
    price = _scalar("price", product.get("price"), minor)
    if type(price) is int:
        shown["price"] = price
    if "image_url" in product:
        shown.setdefault("image", product["image_url"])
    return shown


def trait_scalar(key: str, value: object, minor: int) -> Scalar | None:
    """The folded value of a trait; none for what cannot be asked for (empty, nested, not a number)."""
    return _scalar(key, value, minor)


def flat_traits(traits: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Traits with dotted snake_case keys and their original values; a null stays null (it takes the trait away)."""
    for key, value in traits.items():
        name = snake(key)
        if isinstance(value, dict):
            for inner, deep in value.items():
                if not isinstance(deep, dict | list):
                    yield f"{name}.{snake(inner)}", deep
        elif isinstance(value, list):
            yield name, ", ".join(str(part) for part in value if isinstance(part, str | int | float))
        else:
            yield name, value


def is_identifying_trait(key: str) -> bool:
    """Whether a trait names a person directly, so that rules may only ask whether it is known."""
    return key in _IDENTIFYING_TRAITS or key.rpartition(".")[2] in _IDENTIFYING


def _minor(properties: Mapping[str, object], place: BrandZone) -> int:
    currency = properties.get("currency")
    return minor_units(currency) if isinstance(currency, str) else place.minor


def _flatten(body: Mapping[str, object], minor: int, identifying: frozenset[str]) -> Iterator[tuple[str, Scalar]]:
    stack: list[tuple[str, Mapping[str, object], int]] = [("", body, 0)]
    while stack:
        prefix, part, depth = stack.pop()
        for raw, value in part.items():
            key = f"{prefix}{snake(raw)}"
            if isinstance(value, dict):
                if depth < 4:
                    stack.append((f"{key}.", value, depth + 1))
                continue
            if key in identifying or (prefix and key.rpartition(".")[2] in identifying):
                if value not in (None, ""):
                    yield key, True
                continue
            folded = _scalar(key, value, minor)
            if folded is not None:
                yield key, folded


def _scalar(key: str, value: object, minor: int) -> Scalar | None:
    if isinstance(value, str):
        return (_short_text if len(value) <= _SHORT else _text)(key, value, minor)
    if key in _TEXTS:
        return _name(key, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(key, value, minor)
    if key in _NUMBERS:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, list) and value and all(isinstance(part, str | int | float) for part in value):
        return fold_text(", ".join(str(part) for part in value))[:MAX_TEXT]
    return None


def _name(key: str, value: object) -> str | None:
    """Ids and names are text, also where a shop sends numbers; a date in a name stays a name."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        value = int(value) if value.is_integer() else value
    return (category_path if key == "category" else fold_text)(str(value)[:MAX_TEXT])


def _number(key: str, value: float, minor: int) -> Scalar | None:
    if not math.isfinite(value):
        return None
    if key in MONEY_KEYS:
        return _price(value, minor)
    if isinstance(value, int):
        return value if abs(value) <= _EXACT_FLOAT else float(value)
    # Whole numbers are integers in both readings, whatever a client's JSON library makes of them.
    return int(value) if value.is_integer() and abs(value) <= _EXACT_FLOAT else value


def _money(amount: Decimal, minor: int) -> int | None:
    if amount.adjusted() > _MONEY_DIGITS:  # no price, and Decimal itself has a largest exponent
        return None
    scaled = (amount * minor).to_integral_value()
    return int(scaled) if abs(scaled) < _EXACT_FLOAT else None


@lru_cache(maxsize=16_384)
def _price(value: float, minor: int) -> int | None:
    return _money(Decimal(repr(value)), minor)


def _text(key: str, value: str, minor: int) -> Scalar | None:
    if key in _TEXTS:
        return _name(key, value)
    if key in _NUMBERS:
        try:
            amount = Decimal(value.strip())
        except InvalidOperation:
            return None
        if not amount.is_finite():
            return None
        return _money(amount, minor) if key in MONEY_KEYS else _number(key, float(amount), minor)
    if len(value) <= 40 and _ISO.fullmatch(value.strip()):
        return _instant(value.strip())
    return fold_text(value[:MAX_TEXT])


_short_text = lru_cache(maxsize=16_384)(_text)  # the same names, categories and addresses come again and again


def _instant(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return fold_text(text)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        return fold_text(text)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment.year >= 1000 else fold_text(text)


def _items(products: object, minor: int) -> list[dict[str, Scalar]]:
    if not isinstance(products, list):
        return []
    return [_item(product, minor) for product in products if isinstance(product, dict)]


def _item(product: Mapping[str, object], minor: int) -> dict[str, Scalar]:
    item: dict[str, Scalar] = {}
    for key in ITEM_TEXTS:
        name = _scalar(key, product.get(key), minor)
        if name:
            item[key] = name
    for key in ("price", "quantity"):
        number = _scalar(key, product.get(key), minor)
        if isinstance(number, int | float):
            item[key] = number
    return item


def _complete_order(name: str, props: dict[str, Scalar], items: list[dict[str, Scalar]], seq: int) -> None:
    props["order_id"] = props.get("order_id") or f"row {seq}"
    amount = _order_value(props, items)
    if name in ("Order Refunded", "Order Cancelled"):
        if name == "Order Refunded" and "total" in props and not props.keys() & {"revenue", "subtotal"}:
            amount = _as_int(props["total"])
        # Without an amount the whole order goes back; only the person's history knows how much that was.
        props.pop("revenue", None)
        if amount is not None:
            props["revenue"] = -abs(amount)
    elif amount is not None:
        props["revenue"] = amount


def _order_value(props: Mapping[str, Scalar], items: list[dict[str, Scalar]]) -> int | None:
    for key in ("revenue", "subtotal"):
        if key in props:
            return _as_int(props[key])
    if "total" in props:
        return _as_int(props["total"]) - _as_int(props.get("shipping", 0)) - _as_int(props.get("tax", 0))
    if any("price" in item for item in items):
        value = sum(_as_int(item.get("price", 0)) * float(item.get("quantity", 1)) for item in items)
        return round(value) - _as_int(props.get("discount", 0)) if abs(value) < _EXACT_FLOAT else None
    return None


def _as_int(value: Scalar) -> int:
    return int(value) if isinstance(value, int | float) else 0
