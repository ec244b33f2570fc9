"""What the shop sells: an outdoor and home shop's shelves, and about 300 products made from them."""

from dataclasses import dataclass

from anstoss.demo.chance import chance


@dataclass(frozen=True, slots=True)
class Shelf:
    """A leaf category: ``low``..``high`` price in whole euros incl. tax, ``margin`` as a share of the net price.

    ``life`` is the days one piece lasts (0: it does not wear out), ``returned`` the share of pieces sent back.
    """

    department: str
    path: str
    noun: str
    low: int
    high: int
    margin: float
    life: int = 0
    returned: float = 0.03


@dataclass(frozen=True, slots=True)
class Product:
    """A product. Prices and costs in cents: ``price`` incl. tax, ``cost`` what the shop paid, without tax."""

    id: str
    sku: str
    name: str
    brand: str
    shelf: Shelf
    price: int
    cost: int
    stock: int
    slug: str

    @property
    def category(self) -> str:
        """The path of the category, as a shop would send it."""
        return self.shelf.path


@dataclass(frozen=True, slots=True)
class Line:
    """A product in a basket, and how many of it."""

    product: Product
    quantity: int


@dataclass(frozen=True, slots=True)
class Basket:
    """What lies in a basket. ``id`` becomes the order id, ``left_at`` is when checkout was started."""

    id: str
    left_at: int
    lines: tuple[Line, ...]

    @property
    def worth(self) -> int:
        """Cents incl. tax, before any discount."""
        return sum(line.product.price * line.quantity for line in self.lines)


SHELVES = (
    Shelf("Jacken", "Outdoor > Jacken > Regenjacken", "Regenjacke", 79, 349, 0.46, returned=0.14),
    Shelf("Jacken", "Outdoor > Jacken > Daunenjacken", "Daunenjacke", 129, 399, 0.48, returned=0.14),
    Shelf("Jacken", "Outdoor > Jacken > Fleecejacken", "Fleecejacke", 49, 149, 0.50, returned=0.12),
    Shelf("Jacken", "Outdoor > Hosen > Wanderhosen", "Wanderhose", 59, 159, 0.48, returned=0.16),
    Shelf("Jacken", "Outdoor > Hosen > Regenhosen", "Regenhose", 49, 139, 0.47, returned=0.12),
    Shelf("Schuhe", "Outdoor > Schuhe > Wanderschuhe", "Wanderschuh", 99, 289, 0.42, returned=0.18),
    Shelf("Schuhe", "Outdoor > Schuhe > Trailrunning", "Trailschuh", 89, 179, 0.42, returned=0.17),
    Shelf("Schuhe", "Outdoor > Schuhe > Sandalen", "Trekkingsandale", 49, 119, 0.44, returned=0.13),
    Shelf("Schuhe", "Outdoor > Socken", "Wandersocken", 9, 29, 0.55, life=240, returned=0.02),
    Shelf("Schuhe", "Outdoor > Schuhe > Schuhpflege", "Imprägnierspray", 8, 19, 0.58, life=120),
    Shelf("Camping", "Outdoor > Camping > Zelte", "Kuppelzelt", 149, 649, 0.38, returned=0.06),
    Shelf("Camping", "Outdoor > Camping > Schlafsäcke", "Schlafsack", 69, 379, 0.42, returned=0.06),
    Shelf("Camping", "Outdoor > Camping > Isomatten", "Isomatte", 29, 189, 0.45, returned=0.05),
    Shelf("Camping", "Outdoor > Camping > Kocher", "Gaskocher", 29, 149, 0.40),
    Shelf("Camping", "Outdoor > Camping > Gaskartuschen", "Gaskartusche", 6, 14, 0.35, life=75),
    Shelf("Camping", "Outdoor > Camping > Trekkingnahrung", "Trekkingmahlzeit", 6, 13, 0.40, life=45),
    Shelf("Wandern", "Outdoor > Rucksäcke > Tagesrucksäcke", "Tagesrucksack", 59, 169, 0.45, returned=0.07),
    Shelf("Wandern", "Outdoor > Rucksäcke > Trekkingrucksäcke", "Trekkingrucksack", 139, 329, 0.43, returned=0.07),
    Shelf("Wandern", "Outdoor > Ausrüstung > Wanderstöcke", "Wanderstöcke", 39, 159, 0.46),
    Shelf("Wandern", "Outdoor > Ausrüstung > Trinkflaschen", "Trinkflasche", 15, 49, 0.52),
    Shelf("Wandern", "Outdoor > Ausrüstung > Stirnlampen", "Stirnlampe", 25, 119, 0.44),
    Shelf("Wandern", "Outdoor > Verpflegung > Energieriegel", "Energieriegel 12er", 17, 29, 0.38, life=30),
    Shelf("Küche", "Zuhause > Küche > Pfannen", "Gusspfanne", 39, 149, 0.45),
    Shelf("Küche", "Zuhause > Küche > Messer", "Kochmesser", 35, 189, 0.46),
    Shelf("Küche", "Zuhause > Küche > Geschirr", "Emaillebecher", 9, 24, 0.58),
    Shelf("Küche", "Zuhause > Küche > Kaffee", "Röstkaffee 1 kg", 17, 34, 0.40, life=35, returned=0.01),
    Shelf("Wohnen", "Zuhause > Wohnen > Decken", "Wolldecke", 49, 199, 0.50, returned=0.05),
    Shelf("Wohnen", "Zuhause > Wohnen > Kissen", "Leinenkissen", 19, 59, 0.55, returned=0.05),
    Shelf("Wohnen", "Zuhause > Wohnen > Laternen", "Laterne", 25, 99, 0.53),
    Shelf("Wohnen", "Zuhause > Wohnen > Duftkerzen", "Duftkerze", 12, 39, 0.60, life=60),
    Shelf("Schlafen", "Zuhause > Schlafen > Bettwäsche", "Bettwäsche", 49, 159, 0.52, returned=0.06),
    Shelf("Schlafen", "Zuhause > Schlafen > Bettdecken", "Daunendecke", 99, 349, 0.46, returned=0.05),
    Shelf("Garten", "Garten > Feuer > Feuerschalen", "Feuerschale", 59, 249, 0.42),
    Shelf("Garten", "Garten > Feuer > Anzünder", "Holzwollanzünder", 7, 16, 0.55, life=90),
    Shelf("Garten", "Garten > Möbel > Hängematten", "Hängematte", 39, 149, 0.48, returned=0.06),
    Shelf("Garten", "Garten > Pflege > Vogelfutter", "Vogelfutter 5 kg", 12, 24, 0.35, life=40, returned=0.01),
)
DEPARTMENTS = tuple(dict.fromkeys(shelf.department for shelf in SHELVES))

_MAKERS = ("Nordhang", "Talwind", "Almgrat", "Fjellkant", "Kieselbach", "Stubenrein", "Moosgrund", "Lodenau")
_MODELS = (
    *("Arber", "Birke", "Dachstein", "Eibsee", "Föhre", "Gletscher", "Habicht", "Isar", "Jura", "Karwendel"),
    *("Lärche", "Murmel", "Nebelhorn", "Ostwind", "Priel", "Quelle", "Rotwand", "Säntis", "Tanne", "Uhu"),
    *("Venediger", "Watzmann", "Zirbe"),
)
DEPARTMENT_SHELVES = tuple(
    tuple(number for number, shelf in enumerate(SHELVES) if shelf.department == department)
    for department in DEPARTMENTS
)
_PER_SHELF = (8, 9)
_SOLD_OUT = 0.04
_VAT = 0.19
_ASCII = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ş": "s", "ı": "i", " ": "-"}
)


def ascii_word(text: str) -> str:
    """Letters for addresses: umlauts written out, lower case, spaces as hyphens."""
    return text.translate(_ASCII).lower()


def catalogue(seed: int) -> tuple[Product, ...]:
    """All products of the shop, shelf by shelf, cheap to dear."""
    return tuple(product for number, shelf in enumerate(SHELVES) for product in _stocked(seed, number, shelf))


def _stocked(seed: int, number: int, shelf: Shelf) -> list[Product]:
    rng = chance(seed, "shelf", number)
    count = rng.choice(_PER_SHELF)
    models, makers = rng.sample(_MODELS, count), rng.sample(_MAKERS, 4)
    products = []
    for place, model in enumerate(models):
        level = (place + rng.random()) / count
        price = round(shelf.low * (shelf.high / shelf.low) ** level) * 100 - 5
        name = f"{shelf.noun} {model}"
        products.append(
            Product(
                id=f"P{number + 10}{place:02}",
                sku=f"{ascii_word(shelf.noun)[:3].upper()}-{number + 10}{place:02}",
                name=name,
                brand=rng.choice(makers),
                shelf=shelf,
                price=price,
                cost=round(price / (1 + _VAT) * (1 - shelf.margin * rng.uniform(0.85, 1.15))),
                stock=0 if rng.random() < _SOLD_OUT else round(rng.lognormvariate(3.2, 0.8)) + 3,
                slug=ascii_word(name),
            )
        )
    return products
