"""A small state.db written by hand, in the form that the pulse leaves it."""

from pathlib import Path
from typing import Any

import msgspec

from anstoss.customers.public import create_tables
from anstoss.store.public import Connection, Home, connect, transaction

DAY = 86_400_000_000


class State:
    """Writes history, person and outflow as the pulse does: all of a change in one transaction."""

    def __init__(self, path: Path) -> None:
        self.home = Home(path)
        self.home.create()
        self.con: Connection = connect(self.home.state_db, durable=False)
        self.gate = self.home.gate("state")
        with transaction(self.con, self.gate):
            create_tables(self.con)

    def happened(
        self,
        person: int,
        seq: int,
        name: str,
        at: int = 0,
        items: list[dict[str, Any]] | None = None,
        n: int = 0,
        **props: Any,
    ) -> None:
        """One more fact of a person."""
        with transaction(self.con, self.gate):
            self.append(person, seq, name, at, items, n, **props)

    def append(
        self,
        person: int,
        seq: int,
        name: str,
        at: int = 0,
        items: list[dict[str, Any]] | None = None,
        n: int = 0,
        **props: Any,
    ) -> None:
        """The same within a transaction of one's own."""
        self.con.execute(
            "INSERT OR IGNORE INTO person(person, first_at, profile, standing) VALUES (?, ?, '', '')", (person, at)
        )
        body = msgspec.msgpack.encode([props, items or []])
        fact = (person, seq, n, at, name, "shop", at // DAY, at // (DAY // 24) % 24, body)
        self.con.execute("INSERT OR REPLACE INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", fact)
        self.con.execute("INSERT INTO outflow(person, seq, n) VALUES (?, ?, ?)", (person, seq, n))

    def merge(self, loser: int, winner: int) -> None:
        """Everything of one person becomes the other's."""
        with transaction(self.con, self.gate):
            self.con.execute("UPDATE OR REPLACE history SET person = ? WHERE person = ?", (winner, loser))
            self.con.execute("DELETE FROM person WHERE person = ?", (loser,))
            self.con.execute("INSERT INTO outflow(person) VALUES (?), (?)", (loser, winner))

    def waiting(self) -> int:
        """How many changes have not been consumed."""
        count: int = self.con.execute("SELECT count(*) FROM outflow").fetchone()[0]
        return count

    def close(self) -> None:
        """Close the file."""
        self.con.close()
        self.gate.close()
