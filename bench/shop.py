"""Homes of the simulated shop, with the definitions that the benches of the pulse work under."""

from pathlib import Path
from random import Random

import orjson

from anstoss.brands.public import DAY, SECOND, ManualClock
from anstoss.demo.instance import open_shop, put_in_force
from anstoss.demo.public import FERNWALD, Shop
from anstoss.log.public import Log, NewEvent
from anstoss.pulse.public import Pulse, publish
from anstoss.store.public import Home, read_documents

START = 1_750_000_000 * SECOND
_EARLY_DAYS, _EARLY_SHARE = 42, 5
"""In its first six weeks the simulated shop meets a fifth of its people; after that few are new."""


RUSH_EVERY = SECOND // 5_000
_RUSH = {"Product Viewed": 75, "Page Seen": 14, "Product Added": 8, "Checkout Started": 2, "Order Completed": 1}
_URL = "https://fernwald.example.org/products/rain-jacket-stormbreaker"
_PRODUCT = {
    "sku": "SKU-4711-BLUE-M",
    "category": "Outdoor > Jackets",
    "name": "Rain jacket Stormbreaker",
    "brand": "Nordwand",
    "variant": "blue",
    "price": 129.95,
    "revenue": 129.95,
    "quantity": 1,
    "position": 3,
    "currency": "EUR",
    "url": _URL,
}
_CONTEXT = {
    "library": {"name": "analytics-python", "version": "2.4.0"},
    "locale": "de-DE",
    "timezone": "Europe/Berlin",
    "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
    "page": {"path": "/products/rain-jacket-stormbreaker", "title": "Rain jacket Stormbreaker", "url": _URL},
}


class BusyShop:
    """A shop whose first ``people`` have come and are folded; what they do next is ready to be told.

    Eight segments, six journeys, two lifecycles and the metrics are those that come with Anstoss; twelve segments more
    are in ``segments.yaml``.
    """

    def __init__(self, folder: Path, people: int) -> None:
        self.home = Home(folder)
        self._known: set[tuple[str, ...]] = set()
        open_shop(self.home, "http://127.0.0.1:1")
        self.clock = ManualClock(START)
        self.log = Log(self.home, self.clock)
        put_in_force(self.home, self.log, self.clock)
        pulse = Pulse(self.home, self.log, self.clock, bulk=True)
        pulse.catch_up()
        twelve = Path(__file__).with_name("segments.yaml").read_text(encoding="utf-8")
        publish(self.home, self.log, self.clock, read_documents(twelve))
        self.shop = Shop(1, people * _EARLY_SHARE, START)
        self._tell(self.shop.events(START, START + _EARLY_DAYS * DAY))
        pulse.catch_up()
        pulse.close()
        self.pulse = Pulse(self.home, self.log, self.clock)

    def tell(self, count: int) -> None:
        """Put what happens next into the log, ``count`` events as they would lie there after a lag."""
        events: list[NewEvent] = []
        while len(events) < count:
            events += self.shop.events(self.shop.played, self.shop.played + DAY // 4)
        self._tell(events[:count])

    def rush(self, count: int) -> None:
        """Put a rush hour into the log: everybody browses at once, 5,000 events a second, of 1 KB like those of intake.

        Of 100 events 75 are views of products, 14 of pages, 8 fill baskets, 2 begin a checkout, 1 is an order.
        """
        chance, now = Random(1), self.clock.now()  # noqa: S311 - the same rush every time
        names = chance.choices(list(_RUSH), list(_RUSH.values()), k=count)
        who = sorted(self._known)
        events = []
        for number, name in enumerate(names):
            properties = {**_PRODUCT, "product_id": f"p{chance.randrange(500)}", "order_id": f"R{number}"}
            payload = orjson.dumps({"properties": properties, "context": _CONTEXT})
            at, key = now + number * RUSH_EVERY, chance.choice(who)
            events.append(NewEvent("rush", f"r{at}", key, "track", name, FERNWALD.key, at, payload))
        self._tell(events)

    def close(self) -> None:
        """Give files back."""
        self.pulse.close()
        self.log.close()

    def _tell(self, events: list[NewEvent]) -> None:
        self._known.update(event.identity for event in events if len(event.identity) > 1)
        self.log.append(events, received_at=[event.occurred_at for event in events])
        self.clock.set(events[-1].occurred_at)
