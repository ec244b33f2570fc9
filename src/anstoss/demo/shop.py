"""The simulated shop: plays its people's lives in time order and tells them as events."""

from bisect import bisect_left
from collections.abc import Callable
from functools import partial
from heapq import heapify, heappop, heappush
from operator import attrgetter
from random import Random

from anstoss.brands.public import DAY, HOUR, MINUTE, SECOND, Brand
from anstoss.demo.brand import FERNWALD, WEBSITE
from anstoss.demo.chance import chance
from anstoss.demo.goods import Basket, Product
from anstoss.demo.money import bill
from anstoss.demo.people import Person, meet
from anstoss.demo.reactions import SHORTEST_DELAY, Mailing, respond, temptation
from anstoss.demo.tracking import Site, Track
from anstoss.demo.traffic import Traffic
from anstoss.demo.visit import Visit, sent_back
from anstoss.demo.wares import Wares
from anstoss.log.public import NewEvent

# A fifth of the people were customers before tracking began; they show up in its first six weeks.
_EARLY_SHARE, _EARLY_DAYS = 0.2, 42
_FIRST_VISIT_CHECKOUT = 0.5
_BASKET_LASTS = 14 * DAY
_DAYS_UNTIL_RETURN, _DAYS_UNTIL_OPENED = 0.5, 0.2
_NEVER = 4 * 365
# Marks arrivals among what is due; everything else is numbered from 1.
_ARRIVAL = 0
_ORDER = attrgetter("occurred_at", "message_id")

Happening = Callable[[int], None]


class Shop:
    """A shop with ``customers`` people coming to it in ``days`` days from ``start`` on, and on at that pace.

    Guarantees: the same seed gives the same lives, however the time is cut into calls, as long as each message is
    told (``react``) before anyone could have opened it, one minute after it was handed over; a message told later
    counts as handed over at that later time. When a person comes and whether they order of their own accord never
    depends on messages, except that a basket is not bought twice.
    """

    def __init__(self, seed: int, customers: int, start: int, *, days: int = 730, brand: Brand = FERNWALD) -> None:
        self.seed, self.customers, self.start, self.end = seed, customers, start, start + days * DAY
        self.people: list[Person] = []
        self.played = start
        self.traffic = Traffic(start, brand.zone)
        self._site = Site(brand, WEBSITE)
        self._wares = Wares(seed)
        self._due: list[tuple[int, int, int, Happening]] = []
        self._ready: list[NewEvent] = []
        self._serial = 0
        self._rush: tuple[int, float, float] | None = None
        self._expect(0)

    @property
    def products(self) -> tuple[Product, ...]:
        """Everything the shop sells."""
        return self._wares.products

    def events(self, after: int, until: int) -> list[NewEvent]:
        """What happens from ``after`` (included) to ``until`` (not included), in time order.

        Time goes forward only: an ``after`` before what was already told is a ValueError. What lies before it and was
        not told yet is lived through silently.
        """
        if after < self.played:
            raise ValueError(f"the shop has been told up to {self.played}, it cannot go back to {after}")
        while self._due and self._due[0][0] < until:
            at, _, _, happening = heappop(self._due)
            happening(at)
        self._ready.sort(key=_ORDER)
        first, last = (bisect_left(self._ready, (at, ""), key=_ORDER) for at in (after, until))
        told = self._ready[first:last]
        del self._ready[:last]
        self.played = max(self.played, until)
        return told

    def react(self, mailing: Mailing) -> list[NewEvent]:
        """Let a message have its effect. Returns the reactions to come; ``events`` will tell them when it is time.

        An order it leads to follows as events of a visit. Unknown recipients do nothing.
        """
        person = self.person(mailing.recipient)
        if person is None or not person.known:
            return []
        handed = max(mailing.handed_at, self.played)
        rng = chance(self.seed, person.index, "message", mailing.message_id)
        awake = self.traffic.position(handed + SHORTEST_DELAY) + rng.expovariate(1 / _DAYS_UNTIL_OPENED)
        response = respond(rng, person, mailing)
        if not response.opens:
            return []
        at = self.traffic.instant(awake)
        track = Track(self._site, person, f"{self.seed}-{person.index}-r{mailing.short}")
        about = mailing.properties()
        track.reaction(at, "Email Opened", about)
        if response.clicks is not None:
            link = {"link_id": "1", "link_url": rng.choice(mailing.links)}
            track.reaction(at + response.clicks, "Email Link Clicked", {**about, **link})
            self._push(at + response.clicks + 2 * SECOND, person, partial(self._follow, person, mailing))
        if response.complains:
            track.reaction(at + 20 * SECOND, "Email Marked as Spam", about)
        if response.leaves is not None:
            track.reaction(at + response.leaves, "Unsubscribed", about)
            self._push(at + response.leaves + 1, person, partial(self._withdraw, person, "unsubscribe link"))
        self._tell(track)
        return track.events

    def person(self, identity: str) -> Person | None:
        """Whoever has come to the shop under this identity."""
        index = self._site.index(identity)
        return self.people[index] if index is not None and 0 <= index < len(self.people) else None

    def hurry(self, newcomers_a_day: float) -> None:
        """From now on so many people come on an average day."""
        self._rush = (len(self.people), self.traffic.position(self.played), newcomers_a_day)
        self._due = [entry for entry in self._due if entry[2] != _ARRIVAL]
        heapify(self._due)
        self._expect(len(self.people))

    @property
    def newcomers_a_day(self) -> float:
        """How many people find the shop on an average day after its first weeks, if nobody hurries them."""
        return self.customers * (1 - _EARLY_SHARE) / (self._days - _EARLY_DAYS)

    # -- people come -----------------------------------------------------------------------------------------------

    def _expect(self, index: int) -> None:
        """Put the arrival of person ``index`` on the calendar."""
        place = index + chance(self.seed, "arrival", index).random()
        arrive: Happening = partial(self._arrive, index)
        heappush(self._due, (self.traffic.instant(self._turn(place)), index, _ARRIVAL, arrive))

    def _turn(self, place: float) -> float:
        """When it is the turn of a place in the row of those who come, in busyness since the start."""
        if self._rush is not None:
            place_then, position_then, a_day = self._rush
            return position_then + (place - place_then) / a_day
        early = self.customers * _EARLY_SHARE
        first, whole = (self.traffic.position(self.start + days * DAY) for days in (_EARLY_DAYS, self._days))
        if place < early:
            return place / early * first
        return first + (place - early) / (self.customers - early) * (whole - first)

    @property
    def _days(self) -> int:
        return (self.end - self.start) // DAY

    def _arrive(self, index: int, at: int) -> None:
        person = meet(self.seed, index, at)
        self.people.append(person)
        self._expect(index + 1)
        self._push(person.nature.withdraws_at, person, partial(self._withdraw, person, "account settings"))
        self._visit(person, at)

    # -- what happens ----------------------------------------------------------------------------------------------

    def _visit(self, person: Person, at: int) -> None:
        number = person.visits
        person.visits += 1
        rng = chance(self.seed, person.index, "visit", number)
        nature = person.nature
        rate = nature.checkout_rate + nature.browse_rate
        self._plan(person, at, rng.expovariate(rate))
        share = nature.checkout_rate / rate
        if number == 0 and nature.buyer:
            share = max(share, _FIRST_VISIT_CHECKOUT)
        visit = self._start(person, rng, f"v{number}", at)
        if rng.random() < share:
            self._checkout(visit, rng, f"F{person.number}-{number}")
        else:
            visit.browse()
        self._end(visit)

    def _plan(self, person: Person, at: int, gap: float) -> None:
        """Put the next visit on the calendar, ``gap`` average days after ``at``, if the person still comes then."""
        if gap < _NEVER:
            again = max(self.traffic.instant(self.traffic.position(at) + gap), at + HOUR // 2)
            if person.nature.alive(again):
                self._push(again, person, partial(self._visit, person))

    def _checkout(self, visit: Visit, rng: Random, order_id: str) -> None:
        person, nature = visit.person, visit.person.nature
        buying = nature.buyer and rng.random() < nature.completes
        comes_back, days = rng.random() < nature.returns, rng.expovariate(1 / _DAYS_UNTIL_RETURN)
        basket = visit.checkout(order_id, buys=buying)
        if buying:
            self._sold(person, basket, visit.at)
            return
        person.baskets = {
            other.id: other for other in person.baskets.values() if other.left_at > visit.at - _BASKET_LASTS
        }
        person.baskets[basket.id] = basket
        if nature.buyer and comes_back:
            later = self.traffic.position(visit.at + 10 * MINUTE) + days
            self._push(self.traffic.instant(later), person, partial(self._return, person, basket))

    def _return(self, person: Person, basket: Basket, at: int) -> None:
        """A basket is bought after all, by itself; unless a message has already led to that."""
        if person.baskets.pop(basket.id, None) is None:
            person.forgone += 1
            return
        rng = chance(self.seed, person.index, "return", basket.id)
        visit = self._start(person, rng, f"b{basket.id}", at)
        visit.resume(basket)
        self._sold(person, basket, visit.at)
        self._end(visit)

    def _follow(self, person: Person, mailing: Mailing, at: int) -> None:
        """A visit that a message led to."""
        rng = chance(self.seed, person.index, "follow", mailing.message_id)
        visit = self._start(person, rng, f"m{mailing.short}", at)
        visit.follow(mailing.journey, mailing.discount)
        basket = max(person.baskets.values(), key=lambda basket: basket.left_at, default=None)
        if basket is not None and basket.left_at < at - _BASKET_LASTS:
            basket = None
        if rng.random() < temptation(person.nature, at, discount=mailing.discount, basket=basket is not None):
            person.caused += 1
            if basket is not None:
                visit.resume(person.baskets.pop(basket.id))
            else:
                basket = visit.checkout(f"F{person.number}-{mailing.short}", buys=True)
            self._sold(person, basket, visit.at)
        self._end(visit)

    def _sold(self, person: Person, basket: Basket, at: int) -> None:
        rng = chance(self.seed, person.index, "sold", basket.id)
        lines = sent_back(rng, basket.lines)
        if lines:
            back = Basket(basket.id, basket.left_at, lines)
            self._push(at + int(rng.uniform(4, 21) * DAY), person, partial(self._refund, person, back))

    def _refund(self, person: Person, basket: Basket, at: int) -> None:
        track = Track(self._site, person, f"{self.seed}-{person.index}-x{basket.id}")
        money = bill(basket.lines, person.card.country, shipped=False).properties()
        products = self._site.lines(basket.lines)
        track.track(at, "Order Refunded", {"order_id": basket.id, **money, "products": products})
        self._tell(track)

    def _withdraw(self, person: Person, method: str, at: int) -> None:
        if not person.consented:
            return
        person.consented = False
        track = Track(self._site, person, f"{self.seed}-{person.index}-w")
        body = {"channel": "email", "brand": self._site.brand.key, "email": person.card.email, "method": method}
        track.track(at, "Consent Withdrawn", body)
        self._tell(track)

    # -- the calendar and the record -------------------------------------------------------------------------------

    def _push(self, at: int, person: Person, happening: Happening) -> None:
        self._serial += 1
        heappush(self._due, (at, person.index, self._serial, happening))

    def _start(self, person: Person, rng: Random, key: str, at: int) -> Visit:
        device = int(rng.random() * len(person.devices))
        track = Track(self._site, person, f"{self.seed}-{person.index}-{key}", device)
        return Visit(track, rng, self._wares, at)

    def _end(self, visit: Visit) -> None:
        self._tell(visit.track)

    def _tell(self, track: Track) -> None:
        self._ready.extend(track.events)
