"""The people of the shop and their hidden truth.

Buying follows the Pareto/NBD story (Schmittlein, Morrison and Colombo 1987): while a person is a customer they order at
a rate of their own, until they leave for good at an instant of their own; rates differ between people by gamma
distributions. So what a model estimates can be compared with what is true.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal

from anstoss.brands.public import DAY, SECOND
from anstoss.demo.chance import chance
from anstoss.demo.goods import DEPARTMENTS, Basket, ascii_word
from anstoss.demo.names import CITIES, DOMAINS, LAST, MEN, WOMEN

Kind = Literal["buyer", "prospect", "visitor"]
Device = Literal["mobile", "desktop", "tablet"]

# Orders a year and days as a customer: gamma shape and mean over the people who may buy.
ORDERS_PER_YEAR, ORDER_SHAPE = 1.4, 0.9
CHURN_PER_YEAR, CHURN_SHAPE = 1.1, 1.6
BUYERS, PROSPECTS = 0.78, 0.12
ENGLISH = 0.20
FIRST_NUMBER = 100_000
"""The customer number of the first person."""


@dataclass(frozen=True, slots=True)
class Nature:
    """What nobody outside the simulation may see. Rates are per day, shares lie in 0..1, instants are UTC microseconds.

    ``completes``: share of checkouts that become an order at once; ``returns``: share of the others that come back by
    themselves. ``opens``, ``clicks`` (of those who opened), ``buys`` (of those who clicked; ``basket_buys`` with a
    basket still open) say what a message does; every message of the last 14 days multiplies them by ``fatigue``.
    """

    kind: Kind
    arrives_at: int
    leaves_at: int
    order_rate: float
    churn_rate: float
    browse_rate: float
    completes: float
    returns: float
    interests: tuple[float, ...]
    price_level: float
    discount_love: float
    consents: bool
    withdraws_at: int
    opens: float
    clicks: float
    buys: float
    basket_buys: float
    fatigue: float

    @property
    def checkout_rate(self) -> float:
        """Checkouts started per day; a person who never buys still tries now and then."""
        if self.kind == "buyer":
            return self.order_rate / (self.completes + (1 - self.completes) * self.returns)
        return self.browse_rate * 0.12 if self.kind == "prospect" else 0.0

    @property
    def buyer(self) -> bool:
        """Whether this person would ever buy."""
        return self.kind == "buyer"

    def alive(self, at: int) -> bool:
        """Whether the person is still a customer then."""
        return at < self.leaves_at


@dataclass(frozen=True, slots=True)
class Card:
    """Who the person is to the shop once they have said so."""

    number: str
    email: str
    first_name: str
    last_name: str
    city: str
    postal_code: str
    country: str
    birthday: str
    locale: str
    ip: str


@dataclass(slots=True)
class Person:
    """A person's life so far: what the shop knows, and what the person remembers."""

    index: int
    nature: Nature
    card: Card
    devices: tuple[Device, ...]
    known: bool = False
    consented: bool = False
    signed_in: set[int] = field(default_factory=set)
    visits: int = 0
    orders: int = 0
    caused: int = 0
    forgone: int = 0
    bought: dict[str, int] = field(default_factory=dict)
    baskets: dict[str, Basket] = field(default_factory=dict)
    mailed: list[int] = field(default_factory=list)

    @property
    def number(self) -> str:
        """The user id in the shop: the customer number."""
        return self.card.number


def meet(seed: int, index: int, at: int) -> Person:
    """The person who comes to the shop as number ``index``, at ``at``."""
    rng = chance(seed, "person", index)
    nature = _nature(rng, at)
    devices: tuple[Device, ...] = (rng.choices(("mobile", "desktop", "tablet"), (58, 36, 6))[0],)
    if rng.random() < 0.3:
        devices += ("desktop" if devices[0] == "mobile" else "mobile",)
    return Person(index, nature, _card(rng, index, at), devices)


def _nature(rng: Random, at: int) -> Nature:
    throw = rng.random()
    kind: Kind = "buyer" if throw < BUYERS else "prospect" if throw < BUYERS + PROSPECTS else "visitor"
    order_rate = rng.gammavariate(ORDER_SHAPE, ORDERS_PER_YEAR / ORDER_SHAPE / 365) if kind == "buyer" else 0.0
    churn_rate = rng.gammavariate(CHURN_SHAPE, CHURN_PER_YEAR / CHURN_SHAPE / 365) + 1 / 3650
    if kind == "visitor":
        churn_rate += 1 / 60
    browse_rate = order_rate * rng.uniform(0.2, 0.8) + rng.gammavariate(1.0, 1 / 400) + 1 / 3000
    consents = rng.random() < (0.64 if kind == "buyer" else 0.95)
    return Nature(
        kind=kind,
        arrives_at=at,
        leaves_at=at + int(rng.expovariate(churn_rate) * DAY),
        order_rate=order_rate,
        churn_rate=churn_rate,
        browse_rate=browse_rate,
        completes=rng.betavariate(8, 11),
        returns=rng.betavariate(2, 14),
        interests=_interests(rng),
        price_level=rng.betavariate(1.6, 2.0),
        discount_love=rng.betavariate(1.5, 2.5),
        consents=consents,
        withdraws_at=at + int(rng.expovariate(1 / 2500) * DAY),
        opens=rng.betavariate(2.2, 3.3),
        clicks=rng.betavariate(1.6, 5.5),
        buys=rng.betavariate(1.2, 11) if kind == "buyer" else 0.0,
        basket_buys=rng.betavariate(3, 5) if kind == "buyer" else 0.02,
        fatigue=rng.uniform(0.72, 0.97),
    )


def _interests(rng: Random) -> tuple[float, ...]:
    """One to three departments a person really likes, a little of everything else; sums to 1."""
    weights = [rng.random() * 0.06 for _ in DEPARTMENTS]
    for place in rng.sample(range(len(DEPARTMENTS)), rng.choices((1, 2, 3), (3, 4, 3))[0]):
        weights[place] += rng.uniform(0.4, 1.0)
    total = sum(weights)
    return tuple(weight / total for weight in weights)


def _card(rng: Random, index: int, at: int) -> Card:
    first, last = rng.choice(rng.choice((WOMEN, MEN))), rng.choice(LAST)
    city, postal_code, country, _ = rng.choices(CITIES, [weight for *_, weight in CITIES])[0]
    age = min(88, 18 + rng.gammavariate(4.0, 6.5))
    birthday = datetime.fromtimestamp(at // SECOND, UTC).date() - timedelta(days=int(age * 365.25))
    return Card(
        number=str(FIRST_NUMBER + index),
        email=f"{ascii_word(first)}.{ascii_word(last)}.{index}@{rng.choice(DOMAINS)}",
        first_name=first,
        last_name=last,
        city=city,
        postal_code=postal_code,
        country=country,
        birthday=birthday.isoformat() if rng.random() < 0.6 else "",
        locale="en" if rng.random() < ENGLISH else f"de-{country}",
        ip=f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randrange(1, 255)}",
    )


def iso(at: int) -> str:
    """An instant as a shop would write it: ISO 8601, UTC, milliseconds."""
    moment = datetime.fromtimestamp(at // SECOND, UTC).replace(microsecond=at % SECOND // 1000 * 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
