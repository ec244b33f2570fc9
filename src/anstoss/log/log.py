"""The log in a SQLite file."""

import os
import threading
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NoReturn

from anstoss.brands.public import Clock
from anstoss.log.event import Appended, Event, LogUnavailable, NewEvent, Reject, Row, row_of
from anstoss.log.seen import Seen, key_of
from anstoss.log.tender import Tender
from anstoss.store.public import Connection, Home, connect, sqlite3, transaction

_COLUMNS = (
    "seq, received_at, source, message_id, identity, type, name, brand, occurred_at, payload, origin, live, sent_at, "
    "original_timestamp"
)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS events(seq INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, source TEXT NOT NULL,
  message_id TEXT NOT NULL, identity TEXT NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL, brand TEXT NOT NULL,
  occurred_at INTEGER NOT NULL, payload BLOB NOT NULL, origin TEXT NOT NULL, live INTEGER NOT NULL, sent_at INTEGER,
  original_timestamp INTEGER);
CREATE TABLE IF NOT EXISTS rejects(id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, source TEXT NOT NULL,
  reason TEXT NOT NULL, place TEXT NOT NULL, raw BLOB NOT NULL);
"""
_INSERT = f"INSERT INTO events({_COLUMNS}) VALUES ({','.join('?' * 14)})"  # noqa: S608  # our own column names
REJECTS_KEPT = 10_000
REJECT_BYTES = 2_048


class Log:
    """The ordered log of a home. Threads and processes may share it; each object has its own connections.

    ``durable`` groups survive a power cut, others only a killed process (for filling a demo). Implements ``LogDoor``.
    """

    def __init__(self, home: Home, clock: Clock, durable: bool = True) -> None:
        self._clock = clock
        self._gate = home.gate("log")
        self._lock = threading.Lock()
        self._writer = connect(home.log_db, durable=durable)
        self._writer.execute("PRAGMA wal_autocheckpoint=0")  # the tender does it
        self._reader = connect(home.log_db, durable=durable)
        self._stamp = _Stamp(home)
        with transaction(self._writer, self._gate):
            for statement in _SCHEMA.split(";\n"):
                self._writer.execute(statement)
            self._seen = Seen(self._writer, home.path / "seen")
        self._tender = Tender(home, self._seen.sync)
        self._version = -1
        self._size = 0

    def append(self, events: Sequence[NewEvent], *, received_at: int | Sequence[int] | None = None) -> Appended:
        """Store a group of events; they are on disk when this returns. Known ones are left out and named.

        ``received_at`` replaces the clock (a simulation brings its own time): one instant for all, or one for each, in
        order. ``LogUnavailable`` when nothing could be stored.
        """
        return self._append([row_of(event) for event in events], (), received_at)

    def append_rows(self, rows: Sequence[Row], rejects: Sequence[Reject] = ()) -> Appended:
        """Like ``append``, for rows in their stored form, together with what had to be turned away."""
        return self._append(rows, rejects, None)

    def reject(self, source: str, reason: str, raw: bytes, place: str) -> None:
        """Record what could not become an event."""
        self._append((), (Reject(source, reason, raw, place),), None)

    def read(self, after: int, limit: int) -> list[Event]:
        """Up to ``limit`` events after position ``after``, in order."""
        return self._events("seq > ? ORDER BY seq LIMIT ?", (after, limit))

    def one(self, seq: int) -> Event | None:
        """The event at a position."""
        return next(iter(self.many([seq])), None)

    def many(self, seqs: Sequence[int]) -> list[Event]:
        """The events at these positions that exist, in order."""
        found: list[Event] = []
        for start in range(0, len(seqs), 500):
            part = tuple(seqs[start : start + 500])
            found += self._events(f"seq IN ({','.join('?' * len(part))})", part)
        return sorted(found, key=lambda event: event.seq)

    def head(self) -> int:
        """The position of the newest event; 0 when there is none."""
        return _head(self._reader)

    def backlog(self, position: int) -> int:
        """How many events lie after ``position``."""
        return self.head() - position

    def horizon(self) -> int:
        """An instant such that every event received before it can be read now and every later one is stamped with it
        or later, even if the clock is set back."""
        with self._lock, self._gate:
            return self._stamp.raise_to(self._clock.now())

    def changed(self) -> bool:
        """Whether anything was committed since this was last asked (true the first time). Costs microseconds."""
        version = self._reader.execute("PRAGMA data_version").fetchone()[0]
        before, self._version = self._version, version
        return bool(version != before)

    def rejects(self, limit: int = 100) -> list[Reject]:
        """The newest rejects, newest first."""
        rows = self._reader.execute(
            "SELECT source, reason, raw, place, at FROM rejects ORDER BY id DESC LIMIT ?", (limit,)
        )
        return [Reject(*row) for row in rows]

    def close(self) -> None:
        """Give files back."""
        self._tender.close()
        self._seen.close()
        self._writer.close()
        self._reader.close()
        self._stamp.close()
        self._gate.close()

    def begin(self, *, wait: bool = True) -> bool:
        """Begin a group: ``put`` what belongs to it, then ``commit``. False when that would mean to wait and ``wait``
        is not wanted. Begun and committed by different threads if need be."""
        if not self._lock.acquire(blocking=wait):
            return False
        try:
            if wait:
                self._gate.__enter__()
            elif not self._gate.try_enter():
                self._lock.release()
                return False
        except BaseException:
            self._lock.release()
            raise
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            self._seen.refresh()
        except BaseException as failure:
            self._abandon(failure)
        return True

    def put(
        self, rows: Sequence[Row], rejects: Sequence[Reject] = (), received_at: int | Sequence[int] | None = None
    ) -> Appended:
        """Add rows in their stored form and rejects to the group that was begun; once in a group."""
        try:
            return self._put(rows, rejects, received_at)
        except BaseException as failure:
            self._abandon(failure)

    def commit(self) -> None:
        """End the group: it is on disk when this returns."""
        try:
            self._writer.execute("COMMIT")
        except BaseException as failure:
            self._abandon(failure)
        try:
            self._seen.applied()
        finally:
            self._leave()
        self._tender.wrote(self._size)

    def _abandon(self, failure: BaseException) -> NoReturn:
        """Leave nothing of a group behind, whichever statement failed."""
        try:
            # On a full disk SQLite has often rolled back by itself; a second ROLLBACK would raise.
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            self._seen.rolled_back()
        finally:
            self._leave()
        if isinstance(failure, sqlite3.OperationalError | OSError):
            raise LogUnavailable(f"the log cannot be written: {failure}") from failure
        raise failure

    def _leave(self) -> None:
        self._gate.__exit__(None, None, None)
        self._lock.release()

    def _append(
        self, rows: Sequence[Row], rejects: Sequence[Reject], received_at: int | Sequence[int] | None
    ) -> Appended:
        self.begin()
        appended = self.put(rows, rejects, received_at)
        self.commit()
        return appended

    def _put(self, rows: Sequence[Row], rejects: Sequence[Reject], received_at: int | Sequence[int] | None) -> Appended:
        con = self._writer
        keys = [key_of(row[0], row[1]) for row in rows]
        stamps, stamp = self._stamps(received_at, len(rows))
        head = _head(con)
        duplicates = self._duplicates(keys)
        if duplicates:
            left_out = set(duplicates)
            rows = [row for index, row in enumerate(rows) if index not in left_out]
            keys = [key for index, key in enumerate(keys) if index not in left_out]
            stamps = [each for index, each in enumerate(stamps) if index not in left_out]
        numbered = zip(range(head + 1, head + 1 + len(rows)), stamps, rows, strict=True)
        con.executemany(_INSERT, [(seq, at, *row) for seq, at, row in numbered])
        self._remember(keys, rows, stamp)
        if rejects:
            _keep(con, rejects, stamp)
        self._size = sum([len(row[7]) for row in rows])
        return Appended(len(rows), duplicates, head + len(rows))

    def _remember(self, keys: Sequence[int], rows: Sequence[Row], at: int) -> None:
        forever = [key for key, row in zip(keys, rows, strict=True) if row[8] != "outside" or not row[9]]
        passing = keys
        if forever:
            self._seen.add(forever, at, forever=True)
            lasting = set(forever)
            passing = [key for key in keys if key not in lasting]
        if passing:
            self._seen.add(passing, at, forever=False)

    def _stamps(self, received_at: int | Sequence[int] | None, count: int) -> tuple[list[int], int]:
        """When each row of a group was received, and when the last was; never before what was stamped earlier."""
        if not isinstance(received_at, Sequence):
            stamp = self._stamp.raise_to(self._clock.now() if received_at is None else received_at)
            return [stamp] * count, stamp
        stamps = list(accumulate(received_at, max, initial=self._stamp.raise_to(0)))
        return stamps[1:], self._stamp.raise_to(stamps[-1])

    def _duplicates(self, keys: Sequence[int]) -> list[int]:
        """Indexes of what is in the log already or comes twice in this group."""
        known = self._seen.known(keys)
        if not known and len(set(keys)) == len(keys):
            return []
        found = []
        for index, key in enumerate(keys):
            if key in known:
                found.append(index)
            known.add(key)
        return found

    def _events(self, condition: str, values: Sequence[int]) -> list[Event]:
        rows = self._reader.execute(f"SELECT {_COLUMNS} FROM events WHERE {condition}", values)  # noqa: S608
        return [_event(row) for row in rows]


class _Stamp:
    """The last instant that was given to a row or promised as horizon; read and written only inside the gate.

    A file of its own, because a promise must not cost a transaction. After a power cut it may lag behind the rows, but
    no reader remembers an older promise then.
    """

    def __init__(self, home: Home) -> None:
        self._file = os.open(home.log_db.with_suffix(".stamp"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def raise_to(self, instant: int) -> int:
        """The later of ``instant`` and the last stamp, which it becomes."""
        last = int.from_bytes(os.pread(self._file, 8, 0), "little")
        if instant <= last:
            return last
        os.pwrite(self._file, instant.to_bytes(8, "little"), 0)
        return instant

    def close(self) -> None:
        os.close(self._file)


def _event(row: tuple[Any, ...]) -> Event:
    seq, received, source, message, identity, kind, name, brand, occurred, payload, origin, live, sent, original = row
    who = tuple(identity.split("\n")) if identity else ()
    return Event(
        seq, received, source, message, who, kind, name, brand, occurred, payload, origin, bool(live), sent, original
    )


def _head(con: Connection) -> int:
    return int(con.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])


def _keep(con: Connection, rejects: Sequence[Reject], at: int) -> None:
    con.executemany(
        "INSERT INTO rejects(at, source, reason, place, raw) VALUES (?, ?, ?, ?, ?)",
        ((at, reject.source, reject.reason, reject.place, reject.raw[:REJECT_BYTES]) for reject in rejects),
    )
    con.execute("DELETE FROM rejects WHERE id <= (SELECT max(id) FROM rejects) - ?", (REJECTS_KEPT,))
