"""Which events are in the log already, by a hash of source and message id.

Live events from outside are remembered by day of receipt and forgotten by age; history, engine rows and reactions are
remembered for good, because an import can be repeated years later and a ledger key must never be used twice.
"""

import hashlib
from collections.abc import Iterable, Sequence

from anstoss.brands.public import DAY
from anstoss.store.public import Connection

KEPT_DAYS = 30
_CHUNK = 500


def key_of(source: str, message_id: str) -> bytes:
    """16 bytes that stand for source and message id."""
    return hashlib.blake2b(f"{source}\n{message_id}".encode(), digest_size=16).digest()


class Seen:
    """The memory of one log. Every method belongs into the writer's transaction."""

    def __init__(self, con: Connection, kept_days: int = KEPT_DAYS) -> None:
        self._con = con
        self._kept_days = kept_days

    def known(self, keys: Sequence[bytes]) -> set[bytes]:
        """Those of ``keys`` that are remembered."""
        found: set[bytes] = set()
        for table in self._tables():
            for start in range(0, len(keys), _CHUNK):
                part = keys[start : start + _CHUNK]
                query = f"SELECT key FROM {table} WHERE key IN ({','.join('?' * len(part))})"  # noqa: S608  # own names
                found.update(row[0] for row in self._con.execute(query, part))
        return found

    def add(self, keys: Iterable[bytes], received_at: int, *, forever: bool) -> None:
        """Remember ``keys``: for good, or with the day of ``received_at``."""
        table = "seen" if forever else f"seen_{received_at // DAY}"
        if not forever and table not in self._tables():
            self._con.execute(f"CREATE TABLE {table}(key BLOB PRIMARY KEY) WITHOUT ROWID")
            self._forget(received_at // DAY - self._kept_days)
        self._con.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?)", ((key,) for key in sorted(keys)))  # noqa: S608

    def _tables(self) -> list[str]:
        rows = self._con.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'seen*'")
        return [row[0] for row in rows]

    def _forget(self, day: int) -> None:
        for table in self._tables():
            if table != "seen" and int(table.removeprefix("seen_")) < day:
                self._con.execute(f"DROP TABLE {table}")
