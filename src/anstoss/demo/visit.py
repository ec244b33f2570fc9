"""A stay in the shop, step by step, told by its tracking script."""

from collections.abc import Sequence
from random import Random

from anstoss.brands.public import SECOND
from anstoss.demo.goods import Basket, Line, Product
from anstoss.demo.money import bill
from anstoss.demo.people import Person
from anstoss.demo.tracking import Track
from anstoss.demo.wares import Wares

WORDING = (
    "Ja, ich möchte den Newsletter von Fernwald & Stube mit Angeboten und Neuheiten per E-Mail erhalten. "
    "Die Einwilligung kann ich jederzeit widerrufen, zum Beispiel über den Link in jeder E-Mail."
)
# How often people say who they are: on a plain visit, and at checkout when they then leave.
_SIGN_UP = {"buyer": 0.2, "prospect": 0.6, "visitor": 0.0}
_SIGN_IN, _NAMED_AT_CHECKOUT = 0.5, 0.85
_SEARCHES, _ADDS = 0.18, 0.12


class Visit:
    """One stay of one person. ``at`` moves on with every step (UTC microseconds); ``discount`` is a share."""

    def __init__(self, track: Track, rng: Random, wares: Wares, at: int) -> None:
        self.track, self.at = track, at
        self.discount = 0.0
        self._rng, self._wares = rng, wares

    @property
    def person(self) -> Person:
        """Whose visit it is."""
        return self.track.person

    def browse(self) -> None:
        """Look around; perhaps say who one is; perhaps put something into the basket, without going to checkout."""
        self._land()
        rng = self._rng
        if self.person.known or rng.random() < _SIGN_UP[self.person.nature.kind]:
            self._introduce(_SIGN_IN)
        seen = self._wander(rng.choice((1, 1, 1, 2, 2, 3)))
        if rng.random() < _ADDS:
            self._add(seen[-1], 1, f"C{self.person.number}-{self.person.visits}")

    def checkout(self, order_id: str, *, buys: bool) -> Basket:
        """Fill a basket and start to check out; ``buys`` says whether it becomes an order at once."""
        self._land()
        rng, person = self._rng, self.person
        lines = self._wares.fill(rng, person, self.at)
        self._wander(rng.choice((0, 0, 0, 1)))
        for line in lines:
            self._look(line.product)
            self._add(line.product, line.quantity, order_id)
        self._introduce(1.0 if buys else _NAMED_AT_CHECKOUT)
        basket = Basket(order_id, self._step(), lines)
        body = {**self._order(basket), "value": basket.worth / 100}
        self.track.track(self.at, "Checkout Started", body)
        if buys:
            self._buy(basket)
        return basket

    def resume(self, basket: Basket) -> None:
        """Come back to a basket and buy it."""
        self.track.page(self._step(), "Warenkorb", "/warenkorb")
        self._introduce(1.0)
        self._buy(basket)

    def follow(self, campaign: str, discount: float) -> None:
        """Come by a link in a message and look at a product or two; ``discount`` is the share it takes off."""
        self.track.came_by(campaign)
        self.discount = discount
        self._land()
        self._introduce(1.0)
        self._wander(self._rng.choice((0, 1, 2)))

    def _step(self) -> int:
        self.at += 3 * SECOND + int(self._rng.expovariate(1 / 35) * SECOND)
        return self.at

    def _land(self) -> None:
        if not self.track.events:
            name, path = self._rng.choice((("Startseite", "/"), ("Neuheiten", "/neu"), ("Angebote", "/angebote")))
            self.track.page(self.at, name, path)

    def _wander(self, count: int) -> Sequence[Product]:
        if count and self._rng.random() < _SEARCHES:
            query = self._wares.pick(self._rng, self.person.nature).shelf.noun.lower()
            self.track.track(self._step(), "Products Searched", {"query": query})
        seen = [self._wares.pick(self._rng, self.person.nature) for _ in range(count)]
        for product in seen:
            self._look(product)
        return seen

    def _look(self, product: Product) -> None:
        body = {**self.track.site.product(product), "currency": "EUR", "value": product.price / 100}
        self.track.track(self._step(), "Product Viewed", body)

    def _add(self, product: Product, quantity: int, cart: str) -> None:
        body = {**self.track.site.product(product), "cart_id": cart, "quantity": quantity}
        self.track.track(self._step(), "Product Added", body)

    def _introduce(self, share: float) -> None:
        """Say who one is on this device, unless it knows; the first time, perhaps with consent to mail."""
        if self.track.signed_in or self._rng.random() >= share:
            return
        person = self.person
        self.track.identify(self._step())
        if not person.known and person.nature.consents:
            person.consented = True
            self.track.track(self._step(), "Consent Granted", self._consent())
        person.known = True

    def _consent(self) -> dict[str, object]:
        site, card = self.track.site, self.person.card
        return {
            "channel": "email",
            "brand": site.brand.key,
            "email": card.email,
            "wording": WORDING,
            "wording_version": "2024-1",
            "method": "checkbox",
            "form": site.url("/newsletter"),
            "ip": card.ip,
        }

    def _order(self, basket: Basket) -> dict[str, object]:
        site = self.track.site
        return {
            "order_id": basket.id,
            "affiliation": site.brand.name,
            **bill(basket.lines, self.person.card.country, self.discount).properties(),
            "products": site.lines(basket.lines),
        }

    def _buy(self, basket: Basket) -> None:
        self.track.track(self._step(), "Order Completed", self._order(basket))
        self.person.orders += 1
        for line in basket.lines:
            if line.product.shelf.life:
                self.person.bought[line.product.id] = self.at


def sent_back(rng: Random, lines: Sequence[Line]) -> tuple[Line, ...]:
    """What of an order goes back to the shop."""
    return tuple(line for line in lines if rng.random() < line.product.shelf.returned)
