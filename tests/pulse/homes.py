"""Small real homes for tests: files, log, clock, pulse; nothing is replaced."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from anstoss.brands.public import SECOND, Brand, LegalEntity, ManualClock, Source, open_brands
from anstoss.log.public import Log, NewEvent
from anstoss.pulse.public import Pulse, publish, starting_definitions
from anstoss.store.public import Home, connect, read_documents

START = 1_760_000_400 * SECOND  # Thu 9 October 2025, 11:00 in Berlin
ENTITY = LegalEntity(
    "Fernwald", "GmbH", "Waldweg 1", "04109", "Leipzig", email="hallo@fernwald.example", represented_by="Ada Wald"
)
BRAND = Brand("shop", "Fernwald", ENTITY, sender_name="Fernwald", sender_address="hallo@fernwald.example")

TEMPLATE = """
key: reminder
purpose: marketing
channel: email
variants:
  de:
    subject: Ihr Warenkorb
    preheader: Noch da
    mjml: <mj-section><mj-column><mj-text>Guten Tag {{ customer.first_name }}</mj-text></mj-column></mj-section>
"""


@dataclass
class Shop:
    """A home with a clock that the test moves, and short ways to let things happen."""

    path: Path
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    count: int = 0

    def __post_init__(self) -> None:
        self.home = Home(self.path)
        self.home.create()
        brands = open_brands(self.home)
        brands.add_brand(BRAND)
        brands.add_source(Source("web", "shop"), "test-key")
        self.log = Log(self.home, self.clock, durable=False)
        self.pulse = Pulse(self.home, self.log, self.clock)
        self.con = connect(self.home.state_db)

    def caught_up(self) -> "Shop":
        self.pulse.catch_up()
        return self

    def publish(self, text: str = "", *, start: bool = True) -> None:
        documents = list(starting_definitions()) if start else []
        publish(self.home, self.log, self.clock, [*documents, *read_documents(text)])
        self.pulse.catch_up()

    def happens(
        self,
        name: str,
        properties: Mapping[str, Any] | None = None,
        *,
        who: tuple[str, ...] = ("user:shop/1",),
        **more: Any,
    ) -> None:
        """Something happens now, to ``who``; ``more`` goes into the row."""
        self.count += 1
        body = {"properties": dict(properties or {})}
        row = {"occurred_at": self.clock.now(), "payload": orjson.dumps(body), "type": "track", "brand": "shop", **more}
        self.log.append([NewEvent(source="web", message_id=f"m{self.count}", identity=who, name=name, **row)])

    def identifies(self, traits: Mapping[str, Any], *, who: tuple[str, ...] = ("user:shop/1",), **more: Any) -> None:
        self.happens("", who=who, type="identify", **{"payload": orjson.dumps({"traits": dict(traits)}), **more})

    def passes(self, microseconds: int) -> None:
        """Time passes, and the pulse does what is due."""
        self.clock.advance(microseconds)
        self.pulse.catch_up()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return list(self.con.execute(query, values).fetchall())

    def names(self, person: str = "user:shop/1") -> list[str]:
        """Names of her facts, in order."""
        query = "SELECT name FROM history JOIN identity USING (person) WHERE key = ? ORDER BY at, seq, n"
        return [name for (name,) in self.rows(query, person)]

    def stage(self, person: str = "user:shop/1", lifecycle: str = "shop") -> str | None:
        query = "SELECT stage FROM stage JOIN identity USING (person) WHERE key = ? AND lifecycle = ?"
        found = self.rows(query, person, lifecycle)
        return found[0][0] if found else None

    def segments(self, person: str = "user:shop/1") -> list[str]:
        query = "SELECT segment FROM membership JOIN identity USING (person) WHERE key = ? ORDER BY 1"
        return [key for (key,) in self.rows(query, person)]

    def messages(self) -> list[tuple[str, str, str]]:
        return [
            (j, s, state) for j, s, state in self.rows("SELECT journey, step, state FROM message ORDER BY planned_at")
        ]

    def engine_rows(self) -> dict[str, tuple[Any, ...]]:
        """What the engine logged, by message id."""
        return {
            row.message_id: (row.identity, row.name, row.brand, row.occurred_at, row.live, row.payload)
            for row in self.log.read(0, 1_000_000)
            if row.origin == "engine"
        }

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything derived, table by table, without what depends on when it was written."""
        queries = {
            "history": "SELECT * FROM history ORDER BY person, seq, n",
            "identity": "SELECT * FROM identity ORDER BY key",
            "person": "SELECT person, first_at, wake_at, profile, standing FROM person ORDER BY person",
            "stage": "SELECT * FROM stage ORDER BY lifecycle, person",
            "membership": "SELECT * FROM membership ORDER BY segment, person",
            "enrolment": "SELECT * FROM enrolment ORDER BY entry",
            "message": "SELECT id, person, state, reason, planned_at, context FROM message ORDER BY id",
            "consent": "SELECT * FROM consent ORDER BY address, brand, channel",
        }
        return {name: self.rows(query) for name, query in queries.items()}
