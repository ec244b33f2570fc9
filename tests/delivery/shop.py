"""A home with one brand, templates and consents, real in every part: what the stories of this room are told with."""

from dataclasses import dataclass
from pathlib import Path

import orjson

from anstoss.brands.public import DAY, HOUR, Brand, LegalEntity, ManualClock, open_brands
from anstoss.customers.tables import create_tables as create_customer_tables
from anstoss.delivery.public import Mailbox, Planned, Sender, beat, create_tables, plan
from anstoss.log.public import Event, Log
from anstoss.store.public import Connection, Home, connect, transaction

START = 1_750_000_000_000_000
MJML = "<mj-section><mj-column><mj-text>Guten Tag {{ customer.first_name }}</mj-text></mj-column></mj-section>"
DEFINITIONS = """CREATE TABLE IF NOT EXISTS definition(kind TEXT, key TEXT, version INTEGER, body TEXT,
  published_at INTEGER, seq INTEGER, active INTEGER, PRIMARY KEY(kind, key, version))"""
ENTITY = LegalEntity(
    "Bergzeit & Söhne",
    "GmbH",
    "Lindenstraße 7",
    "80331",
    "München",
    email="service@berg.example",
    represented_by="Ada Berg",
)


def template(key: str, purpose: str = "marketing", mjml: str = MJML) -> dict[str, object]:
    """A template as its author writes it."""
    variant = {"subject": "Ihr Korb", "preheader": "Noch da", "mjml": mjml}
    return {"key": key, "purpose": purpose, "channel": "email", "variants": {"de": variant, "en": variant}}


@dataclass
class Shop:
    """The home and handles on it, at an instant that the story sets."""

    home: Home
    clock: ManualClock
    log: Log
    con: Connection
    mailbox: Mailbox

    def sender(self, **more: object) -> Sender:
        """One more sender."""
        return Sender(self.home, self.log, self.clock, **more)

    def write(self, statement: str, *values: object) -> None:
        """Change the state as the pulse would."""
        with transaction(self.con, self.home.gate("state")):
            self.con.execute(statement, values)

    def publish(self, body: dict[str, object], version: int = 1) -> None:
        """Publish a template version."""
        values = ("template", body["key"], version, orjson.dumps(body).decode(), 0, 0, 1)
        self.write("INSERT INTO definition VALUES (?, ?, ?, ?, ?, ?, ?)", *values)

    def consent(self, address: str, status: str = "granted", seq: int = 1, brand: str = "berg") -> None:
        """The fold's last word on an address."""
        values = (address, brand, "email", status, self.clock.now(), seq)
        self.write("INSERT OR REPLACE INTO consent VALUES (?, ?, ?, ?, ?, ?)", *values)

    def beat(self) -> None:
        """The pulse has everything folded now."""
        with transaction(self.con, self.home.gate("state")):
            beat(self.con, self.log.head(), self.clock.now())

    def plan(self, entry: str, person: int = 1, **more: object) -> Planned:
        """Plan one message to ``p<person>@example.org``."""
        message = planned(entry, person, self.clock.now(), **more)
        with transaction(self.con, self.home.gate("state")):
            plan(self.con, message)
        return message

    def state(self, message: Planned) -> tuple[str, str]:
        """State and reason of a message."""
        row = self.con.execute("SELECT state, reason FROM message WHERE id=?", (message.ledger,)).fetchone()
        return (row[0], row[1])

    def events(self, name: str) -> list[Event]:
        """Everything of this name in the log."""
        return [event for event in self.log.read(0, 100_000) if event.name == name]

    def properties(self, name: str) -> list[dict[str, object]]:
        """The properties of everything of this name in the log."""
        return [orjson.loads(event.payload)["properties"] for event in self.events(name)]

    def reopen(self) -> None:
        """Open ``state.db`` anew, after the story has put another file in its place."""
        self.con = connect(self.home.state_db, durable=False)

    def later(self, microseconds: int) -> None:
        """Time passes, and the pulse keeps up."""
        self.clock.advance(microseconds)
        self.beat()

    def mailed(self) -> list[str]:
        """The ledger keys that reached the mailbox, oldest first."""
        return [mail.ledger for mail in reversed(self.mailbox.list(100_000))]


def planned(entry: str, person: int, now: int, **more: object) -> Planned:
    """A promotional message for one person, due now, of use for two days."""
    facts: dict[str, object] = {
        "journey": "basket",
        "step": "remind",
        "entry": entry,
        "person": person,
        "identity": f"user:berg/{person}",
        "template": "basket-reminder",
        "template_version": 1,
        "brand": "berg",
        "address": f"p{person}@example.org",
        "lang": "de",
        "planned_at": now,
        "not_before": now,
        "not_after": now + 2 * DAY,
        "context": orjson.dumps({"customer": {"first_name": "Zoë"}, "event": {}, "products": []}),
        **more,
    }
    return Planned(**facts)


def open_shop(path: Path, *, durable: bool = False) -> Shop:
    """A new home in ``path``: brand ``berg``, two templates, ten people who agreed, a pulse that has caught up."""
    home = Home(path)
    home.create()
    clock = ManualClock(START)
    brand = Brand("berg", "Berg", ENTITY, sender_name="Berg", sender_address="post@berg.example")
    open_brands(home).add_brand(brand)
    con = connect(home.state_db, durable=False)
    shop = Shop(home, clock, Log(home, clock, durable), con, Mailbox(home, durable=durable))
    with transaction(con, home.gate("state")):
        create_tables(con)
        create_customer_tables(con)
        con.execute(DEFINITIONS)
    shop.publish(template("basket-reminder"))
    shop.publish(template("receipt", "transactional"))
    for person in range(10):
        shop.consent(f"p{person}@example.org")
    shop.beat()
    return shop


__all__ = ["DAY", "HOUR", "Shop", "open_shop", "planned", "template"]
