"""A brand and the legal entity behind it."""

import re
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_KEY = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")


class WrongBrand(ValueError):
    """A brand cannot be as described; the text names field and value."""


@dataclass(frozen=True)
class LegalEntity:
    """Who is responsible by law. The imprint in every message and page is made of it (section 5 DDG, section 5 ECG)."""

    name: str
    legal_form: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "DE"
    email: str = ""
    phone: str = ""
    register: str = ""
    vat_id: str = ""
    represented_by: str = ""


@dataclass(frozen=True)
class Brand:
    """What customers see: name, sender, language, zone and currency. ``base_url`` is where links in messages lead.

    Keys and namespaces are lower-case letters, digits and ``_.-``, because they are parts of identities and compared
    with folded text. ``WrongBrand`` when they are not, there is no such time zone, or the currency is no ISO 4217 code.
    """

    key: str
    name: str
    entity: LegalEntity
    zone: str = "Europe/Berlin"
    currency: str = "EUR"
    locale: str = "de"
    sender_name: str = ""
    sender_address: str = ""
    reply_to: str = ""
    base_url: str = "http://localhost:8000"
    shop_url: str = ""
    user_id_namespace: str = field(default="")

    def __post_init__(self) -> None:
        for name in (self.key, self.namespace):
            if not _KEY.fullmatch(name):
                raise WrongBrand(f"brand {self.key!r}: {name!r} may have lower-case letters, digits and _.- only")
        if not (self.currency.isascii() and self.currency.isalpha() and len(self.currency) == 3):
            raise WrongBrand(f"brand {self.key!r}: currency {self.currency!r} is no ISO 4217 code such as EUR")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "Europe" is a folder of the zone database
            raise WrongBrand(f"brand {self.key!r}: no time zone {self.zone!r}; an example is Europe/Vienna") from None

    @property
    def namespace(self) -> str:
        """Within which user ids of this brand's sources are unique; the brand itself unless set."""
        return self.user_id_namespace or self.key


@dataclass(frozen=True)
class Source:
    """A system that sends events for one brand. ``kind`` is server, browser, import or engine."""

    key: str
    brand: str
    kind: str = "server"
    name: str = ""


class IncompleteImprint(ValueError):
    """The legal entity lacks what an imprint must have; ``missing`` names the fields."""

    def __init__(self, brand: str, missing: list[str]) -> None:
        super().__init__(f"brand {brand!r}: the imprint lacks {', '.join(missing)}")
        self.missing = missing


_LABELS = {
    "represented_by": {"de": "Vertreten durch", "en": "Represented by"},
    "register": {"de": "Register", "en": "Register"},
    "vat_id": {"de": "USt-IdNr.", "en": "VAT ID"},
    "email": {"de": "E-Mail", "en": "E-mail"},
    "phone": {"de": "Telefon", "en": "Phone"},
}
_REQUIRED = ("name", "street", "postal_code", "city", "email")


def imprint(brand: Brand, lang: str = "de") -> list[str]:
    """The imprint as lines of text, complete, or ``IncompleteImprint`` naming what is missing."""
    entity = brand.entity
    missing = [name for name in _REQUIRED if not getattr(entity, name).strip()]
    if missing:
        raise IncompleteImprint(brand.key, missing)
    head = f"{entity.name} {entity.legal_form}".strip()
    lines = [head, f"{entity.street}, {entity.postal_code} {entity.city}, {entity.country}"]
    language = "de" if lang.startswith("de") else "en"
    lines += [f"{words[language]}: {getattr(entity, key)}" for key, words in _LABELS.items() if getattr(entity, key)]
    return lines
