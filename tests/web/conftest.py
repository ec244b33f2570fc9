"""A small shop, played through the doors, and the back office that shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from anstoss.brands.public import (
    HOUR,
    MINUTE,
    SECOND,
    Brand,
    LegalEntity,
    ManualClock,
    Settings,
    Source,
    open_brands,
    set_clock,
)
from anstoss.delivery.public import Sender
from anstoss.log.public import Log, NewEvent
from anstoss.pulse.public import Pulse, publish, starting_definitions
from anstoss.store.public import Home, read_documents
from anstoss.web.public import create_staff
from anstoss.web.setup import configure

START = 1_760_000_400 * SECOND  # Thu 9 October 2025, 11:00 in Berlin
ENTITY = LegalEntity(
    "Fernwald", "GmbH", "Waldweg 1", "04109", "Leipzig", email="hallo@fernwald.example", represented_by="Ada Wald"
)
BRAND = Brand("shop", "Fernwald", ENTITY, sender_name="Fernwald", sender_address="hallo@fernwald.example")
PASSWORD = "fichte am hang"
DOCUMENTS = """
key: reminder
purpose: marketing
channel: email
variants:
  de:
    subject: "Noch da: {{ event.products[0].name }}"
    preheader: Ihr Korb
    mjml: <mj-section><mj-column><mj-text>Guten Tag {{ customer.first_name }}</mj-text></mj-column></mj-section>
---
journey: basket
name: {de: Warenkorb verlassen, en: Basket abandoned}
start: {on: Checkout Started}
steps:
  - wait: 1h
  - send: reminder
"""
PRODUCTS = [{"product_id": "P1", "name": "Duftkerze <b>Venediger</b>", "price": 22.95, "quantity": 2}]
MARA, JONAS = ("user:shop/mara", "email:mara@example.org"), ("user:shop/jonas", "email:jonas@example.org")


@dataclass(frozen=True)
class Office:
    """The home that is shown; the story in it ends at ``now``."""

    home: Home
    now: int


class Story:
    """Lets things happen in a home at a clock that the story moves."""

    def __init__(self, home: Home) -> None:
        self.home, self.clock, self.count = home, ManualClock(START), 0
        self.log = Log(home, self.clock, durable=False)
        self.pulse = Pulse(home, self.log, self.clock)
        self.sender = Sender(home, self.log, self.clock, durable=False)
        publish(home, self.log, self.clock, [*starting_definitions(), *read_documents(DOCUMENTS)])
        self.pulse.catch_up()

    def tell(self, who: tuple[str, ...], name: str, body: dict[str, object], kind: str = "track") -> None:
        """Something happens, and a minute passes."""
        self.count += 1
        payload = orjson.dumps({"traits" if kind == "identify" else "properties": body})
        row = NewEvent("web", f"m{self.count}", who, kind, name, "shop", self.clock.now(), payload)
        self.log.append([row])
        self.passes(MINUTE)

    def passes(self, microseconds: int) -> None:
        """Time passes; what is due is done."""
        self.clock.advance(microseconds)
        self.pulse.catch_up()
        while self.sender.run_once():
            self.pulse.catch_up()

    def close(self) -> None:
        self.sender.close()
        self.pulse.close()
        self.log.close()


def play(story: Story) -> None:
    """Mara agrees, leaves a basket, is reminded, and orders; Jonas leaves a basket and never agreed."""
    basket = {"order_id": "A-1", "total": 45.9, "currency": "EUR", "products": PRODUCTS}
    for who, first, last in ((MARA, "Mara", "Öhl"), (JONAS, "Jonas", "Reit")):
        traits = {"email": who[1].partition(":")[2], "first_name": first, "last_name": last, "language": "de"}
        story.tell(who, "", traits, "identify")
    consent = {"channel": "email", "brand": "shop", "email": "mara@example.org", "method": "checkbox"}
    story.tell(MARA, "Consent Granted", consent)
    story.tell(MARA, "Startseite", {"title": "Startseite"}, "page")
    story.tell(MARA, "Checkout Started", basket)
    story.tell(JONAS, "Checkout Started", {**basket, "order_id": "A-2"})
    story.passes(2 * HOUR)
    story.tell(MARA, "Order Completed", {**basket, "order_id": "A-1023", "revenue": 38.57})
    story.tell(MARA, "Moon Landed", {"crater": "Tycho"})
    story.log.reject("web", "the name of an event is missing", b'{"type": "track"}', "batch[3]")


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Passwords are hashed in one round: how slowly is Django's own matter, and was most of these tests' time."""
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    PBKDF2PasswordHasher.iterations = 1


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The back office of a small shop; every test logs in by itself."""
    home = Home(tmp_path_factory.mktemp("office"))
    home.create()
    brands = open_brands(home)
    brands.add_brand(BRAND)
    brands.add_source(Source("web", "shop"), "test-key")
    story = Story(home)
    play(story)
    set_clock(home.clock_file, shows=story.clock.now())
    story.close()
    create_staff(home, "lena", PASSWORD)
    return Office(home, story.clock.now())


@pytest.fixture
def shown(office: Office, tmp_path: Path) -> Iterator[Office]:
    """The office, shown by this process (another test may have shown another home)."""
    from django.conf import settings
    from django.db import connection

    configure(office.home, Settings())
    settings.ALLOWED_HOSTS = ["testserver"]
    yield office
    connection.close()
