"""Keeping the write-ahead log short without stopping those who write."""

import threading
from collections.abc import Callable

from anstoss.store.public import Home, connect, sqlite3, wal_is_safe

_BEGIN_AFTER = 16 << 20
"""Bytes of payload after which the write-ahead log is copied into the database."""
_FEW_FRAMES = 500
"""So many can be copied while writers wait (a few milliseconds)."""
_ROUNDS = 4


class Tender:
    """Copies the write-ahead log into the database in a thread of its own.

    SQLite would do it inside some writer's commit. Here most of it is copied while others write on; only the small
    rest is copied inside the gate, so that the next writer begins the file anew and it cannot grow without bound.
    """

    def __init__(self, home: Home, also: Callable[[], None]) -> None:
        self._home = home
        self._also = also
        self._written = 0
        self._thread: threading.Thread | None = None

    def wrote(self, size: int) -> None:
        """Count ``size`` bytes and begin a round when it is time; returns at once."""
        self._written += size
        if self._written < _BEGIN_AFTER or (self._thread is not None and self._thread.is_alive()):
            return
        self._written = 0
        self._thread = threading.Thread(target=self._tend, name="log-tender", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait for the round under way."""
        if self._thread is not None:
            self._thread.join()

    def _tend(self) -> None:
        con = connect(self._home.log_db, durable=True)
        gate = self._home.gate("log")
        try:
            for _ in range(_ROUNDS if wal_is_safe else 0):
                _, frames, copied = con.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                if frames - copied < _FEW_FRAMES:
                    break
            with gate:
                con.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self._also()
        except (sqlite3.OperationalError, OSError):
            pass  # a full disk: the writer meets it too and says so; the next round tries again
        finally:
            con.close()
            gate.close()
