"""How the shop tells what happens in it: as events of the public tracking API, ready for the log.

The one place where the simulation's words become rows; everything else speaks of visits, baskets and people.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from anstoss.brands.public import Brand, Source
from anstoss.demo.goods import Line, Product
from anstoss.demo.people import FIRST_NUMBER, Person
from anstoss.log.public import NewEvent

_AGENTS = {
    "mobile": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile",
    "desktop": "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "tablet": "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1",
}


@dataclass(frozen=True, slots=True)
class Site:
    """The shop as its tracking script sees it."""

    brand: Brand
    source: Source

    def user(self, person: Person) -> str:
        """The identity under which a signed-in person is known."""
        return f"user:{self.brand.namespace}/{person.number}"

    def anonymous(self, person: Person, device: int) -> str:
        """The identity of one of a person's devices."""
        return f"anon:{self.brand.key}-{person.index}-{device}"

    def index(self, identity: str) -> int | None:
        """Which person an identity of either form belongs to; None if it is none of the shop's."""
        kind, _, name = identity.partition(":")
        if kind == "user":
            number = name.removeprefix(f"{self.brand.namespace}/")
            return int(number) - FIRST_NUMBER if number.isdecimal() else None
        number = name.removeprefix(f"{self.brand.key}-").partition("-")[0]
        return int(number) if kind == "anon" and number.isdecimal() else None

    def url(self, path: str) -> str:
        """The address of a page of the shop."""
        return f"{self.brand.shop_url}{path}"

    def product(self, product: Product) -> dict[str, object]:
        """A product as the spec describes it; prices in euros incl. tax."""
        return {
            "product_id": product.id,
            "sku": product.sku,
            "name": product.name,
            "category": product.category,
            "brand": product.brand,
            "price": product.price / 100,
            "url": self.url(f"/p/{product.slug}"),
        }

    def lines(self, lines: tuple[Line, ...]) -> list[dict[str, object]]:
        """The products of a basket or order."""
        return [{**self.product(line.product), "quantity": line.quantity} for line in lines]


class Track:
    """The row of events that one person causes in one go, in time order.

    ``key`` makes the message ids: the same happening always has the same ids. ``device`` is the place in the person's
    devices, or None for what the shop's server says.
    """

    def __init__(self, site: Site, person: Person, key: str, device: int | None = None) -> None:
        self.site, self.person = site, person
        self.events: list[NewEvent] = []
        self._key, self._device = key, device
        self._context: dict[str, object] = {"locale": person.card.locale}
        if device is not None:
            self._context |= {"ip": person.card.ip, "userAgent": _AGENTS[person.devices[device]]}
        self._context_json = orjson.dumps(self._context)
        self._identity = self._identities()

    @property
    def signed_in(self) -> bool:
        """Whether the shop knows on this device who the person is."""
        return self._device in self.person.signed_in

    def came_by(self, campaign: str) -> None:
        """The visit was led to by a message of this campaign."""
        self._context["campaign"] = {"name": campaign, "source": "anstoss", "medium": "email"}
        self._context_json = orjson.dumps(self._context)

    def track(self, at: int, name: str, properties: Mapping[str, object]) -> None:
        """Something the person did."""
        self._add(at, "track", name, properties)

    def page(self, at: int, name: str, path: str) -> None:
        """A page that was opened."""
        self._add(at, "page", name, {"title": name, "path": path, "url": self.site.url(path)})

    def identify(self, at: int) -> None:
        """The person says who they are."""
        if self._device is not None:
            self.person.signed_in.add(self._device)
        card = self.person.card
        traits: dict[str, object] = {
            "email": card.email,
            "first_name": card.first_name,
            "last_name": card.last_name,
            "city": card.city,
            "postal_code": card.postal_code,
            "country": card.country,
            "language": card.locale[:2],
        }
        if card.birthday:
            traits["birthday"] = card.birthday
        self._identity = (*self._identities(), f"email:{card.email}")
        self._add(at, "identify", "", traits)
        self._identity = self._identities()

    def reaction(self, at: int, name: str, properties: Mapping[str, object]) -> None:
        """What the person did with a message; no page of the shop is involved."""
        self._add(at, "track", name, properties, "reaction")

    def _identities(self) -> tuple[str, ...]:
        if self._device is None:
            return (self.site.user(self.person),)
        anonymous = self.site.anonymous(self.person, self._device)
        return (self.site.user(self.person), anonymous) if self.signed_in else (anonymous,)

    def _add(self, at: int, kind: str, name: str, body: Mapping[str, object], origin: str = "outside") -> None:
        part = b'{"traits":' if kind == "identify" else b'{"properties":'
        self.events.append(
            NewEvent(
                source=self.site.source.key,
                message_id=f"{self._key}.{len(self.events)}",
                identity=self._identity,
                type=kind,
                name=name,
                brand=self.site.brand.key,
                occurred_at=at,
                payload=b"".join((part, orjson.dumps(body), b',"context":', self._context_json, b"}")),
                origin=origin,
            )
        )
