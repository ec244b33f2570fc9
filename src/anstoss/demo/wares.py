"""What a person picks from the shelves: by interest, by price feeling, and what runs out at home."""

from itertools import groupby
from random import Random

from anstoss.brands.public import DAY
from anstoss.demo.goods import DEPARTMENT_SHELVES, SHELVES, Line, Product, catalogue
from anstoss.demo.people import Nature, Person

_MORE_LINES, _MOST_LINES = 0.38, 5
_REFILL = 0.6


class Wares:
    """The products of a shop, as its visitors look through them."""

    def __init__(self, seed: int) -> None:
        self.products = catalogue(seed)
        self._by_id = {product.id: product for product in self.products}
        shelves = {shelf: list(products) for shelf, products in groupby(self.products, lambda product: product.shelf)}
        self._shelves = [shelves[shelf] for shelf in SHELVES]

    def pick(self, rng: Random, nature: Nature) -> Product:
        """A product this person would look at."""
        throw, department = rng.random() - nature.interests[0], 0
        while throw > 0 and department < len(nature.interests) - 1:
            department += 1
            throw -= nature.interests[department]
        numbers = DEPARTMENT_SHELVES[department]
        shelf = self._shelves[numbers[int(rng.random() * len(numbers))]]
        wanted = nature.price_level * len(shelf)
        first, second = int(rng.random() * len(shelf)), int(rng.random() * len(shelf))
        return shelf[first if abs(first - wanted) <= abs(second - wanted) else second]

    def fill(self, rng: Random, person: Person, at: int) -> tuple[Line, ...]:
        """A basket: first what has run out at home, then what tempts."""
        count = 1
        while count < _MOST_LINES and rng.random() < _MORE_LINES:
            count += 1
        chosen = [product for product in self._used_up(person, at) if rng.random() < _REFILL][:_MOST_LINES]
        while len(chosen) < count:
            product = self.pick(rng, person.nature)
            if product.stock and product not in chosen:
                chosen.append(product)
        return tuple(Line(product, _quantity(rng, product)) for product in chosen)

    def _used_up(self, person: Person, at: int) -> list[Product]:
        products = [self._by_id[key] for key, since in person.bought.items()]
        return [product for product in products if at - person.bought[product.id] > product.shelf.life * DAY * 0.8]


def _quantity(rng: Random, product: Product) -> int:
    return rng.choice((1, 1, 2, 3)) if product.shelf.life else rng.choice((1,) * 15 + (2,))
