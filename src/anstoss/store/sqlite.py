"""Opening SQLite files and writing to them in turn."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from anstoss.store.library import sqlite3

Connection = Any
"""A DB-API connection of the chosen library (typed loosely: the library is chosen at run time)."""

BUSY_SECONDS = 30.0


class Gate:
    """The one write gate of a SQLite file: a lock file that writers of all processes take in turn.

    SQLite's own busy handler sleeps and retries, which starves writers under load; waiting for a file lock does not
    sleep and is handed over by the kernel. A gate must not be entered twice by the same object at a time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def __enter__(self) -> "Gate":
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def try_enter(self) -> bool:
        """Take the gate if it is free; true when it was taken (then leave it with ``__exit__``)."""
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Give the lock file back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def connect(path: Path, *, durable: bool = True) -> Connection:
    """Open a SQLite file in WAL mode without implicit transactions.

    ``durable`` commits survive a power cut (synchronous FULL); others survive a killed process only (NORMAL), which is
    enough for what can be derived again from the log.
    """
    con = sqlite3.connect(os.fspath(path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    con.execute("PRAGMA journal_mode=WAL")
    con.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    con.execute("PRAGMA cache_size=-65536")
    con.execute("PRAGMA mmap_size=268435456")
    con.execute("PRAGMA temp_store=MEMORY")
    con.execute("PRAGMA secure_delete=ON")
    return con


@contextmanager
def transaction(con: Connection, gate: Gate) -> Iterator[Connection]:
    """Write in turn: take the gate, begin, and commit; or roll back if the block or the commit itself fails."""
    with gate:
        con.execute("BEGIN IMMEDIATE")
        try:
            yield con
            con.execute("COMMIT")
        except BaseException:
            # On a full disk SQLite has often rolled back by itself, and a second ROLLBACK would hide the reason.
            if con.in_transaction:
                con.execute("ROLLBACK")
            raise
