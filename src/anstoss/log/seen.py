"""Which events are in the log already, by a hash of source and message id.

Live events from outside are remembered for ``KEPT`` at least; history, engine rows and reactions for good, because an
import can be repeated years later and a ledger key must never be used twice.

The truth is in the log's own file, in tables that are only appended to (``seen_<part>``: the keys of a group as one
blob), because a B-tree over random keys costs five times the rest of an append. Look-ups go to a ``KeyIndex`` beside
it. Two message ids are taken for the same with a probability of about 10^-12 per million keys remembered.
"""

import fcntl
import hashlib
import os
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from anstoss.brands.public import DAY
from anstoss.log.keys import KeyIndex
from anstoss.store.public import Connection

KEPT = 30 * DAY
PART_SLOTS = (1 << 17, 1 << 19, 1 << 21)
"""Slots of the first, second and later parts; half of them are used."""
_SYNC_AFTER = 250_000

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS seen_part(part INTEGER PRIMARY KEY AUTOINCREMENT, forever INTEGER NOT NULL, "
    "slots INTEGER NOT NULL, begun_at INTEGER NOT NULL)"
)


def key_of(source: str, message_id: str) -> int:
    """64 bits, never 0, that stand for source and message id."""
    digest = hashlib.blake2b(f"{source}\n{message_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1


@dataclass
class _Part:
    number: int
    forever: bool
    index: KeyIndex
    last_id: int = 0


class Seen:
    """The memory of one log, used inside the gate only. ``refresh``, ``known`` and ``add`` belong into the transaction;
    ``applied`` or ``rolled_back`` follow its end."""

    def __init__(self, con: Connection, folder: Path) -> None:
        self._con = con
        self._folder = folder
        folder.mkdir(mode=0o700, exist_ok=True)
        con.execute(SCHEMA)
        self._parts: dict[int, _Part] = {}
        self._open: dict[bool, _Part] = {}
        self._doubtful = False
        self._staged: list[tuple[_Part, Sequence[int]]] = []
        self._unsynced = 0
        self._use = os.open(folder / "in-use", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        alone = self._is_first()
        self.refresh()
        if alone:  # after a power cut the indexes may have lost what was not synced
            for part in self._parts.values():
                part.index.distrust()
        for part in self._parts.values():
            self._catch_up(part)

    def refresh(self) -> None:
        """Take in what other processes have added, also one that was killed between its commit and its index."""
        newest = self._con.execute("SELECT coalesce(max(part), 0) FROM seen_part").fetchone()[0]
        if newest != max(self._parts, default=0) or self._doubtful:
            self._doubtful = False
            self._load()
        for part in self._open.values():
            self._catch_up(part)

    def known(self, keys: Sequence[int]) -> set[int]:
        """Those of ``keys`` that are remembered."""
        found: set[int] = set()
        for part in self._parts.values():
            table, mask = part.index.table, part.index.mask
            for key in keys:
                slot = key & mask
                while there := table[slot]:
                    if there == key:
                        found.add(key)
                        break
                    slot = (slot + 1) & mask
        return found

    def add(self, keys: Sequence[int], at: int, *, forever: bool) -> None:
        """Remember ``keys``, received ``at``."""
        part = self._open.get(forever)
        if part is None or part.index.count + len(keys) > (part.index.mask + 1) // 2:
            part = self._begin_part(at, forever, len(keys))
        part.last_id += 1
        values = (part.last_id, array("Q", keys).tobytes())
        self._con.execute(f"INSERT INTO seen_{part.number} VALUES (?, ?)", values)  # noqa: S608  # a number
        self._staged.append((part, keys))

    def applied(self) -> None:
        """What was added is committed."""
        for part, keys in self._staged:
            part.index.add(keys, part.last_id)
            self._unsynced += len(keys)
        self._staged.clear()

    def rolled_back(self) -> None:
        """What was added is not committed."""
        self._staged.clear()
        self._doubtful = True

    def sync(self) -> None:
        """Bring the indexes to disk now and then, so that little has to be repeated after a power cut."""
        if self._unsynced > _SYNC_AFTER:
            self._unsynced = 0
            for part in list(self._open.values()):
                part.index.sync()

    def close(self) -> None:
        """Give files back."""
        for part in self._parts.values():
            part.index.close()
        os.close(self._use)

    def _is_first(self) -> bool:
        try:
            fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            first = False
        else:
            first = True
        fcntl.flock(self._use, fcntl.LOCK_SH)
        return first

    def _load(self) -> None:
        rows = self._con.execute("SELECT part, forever, slots FROM seen_part ORDER BY part").fetchall()
        for number in self._parts.keys() - {row[0] for row in rows}:
            self._parts.pop(number).index.close()
        for number, forever, slots in rows:
            if number not in self._parts:
                self._parts[number] = _Part(number, bool(forever), KeyIndex(self._file(number), slots))
                self._catch_up(self._parts[number])
        self._open = {part.forever: part for part in self._parts.values()}

    def _catch_up(self, part: _Part) -> None:
        newest = self._con.execute(f"SELECT coalesce(max(id), 0) FROM seen_{part.number}").fetchone()[0]  # noqa: S608
        if part.index.applied > newest:  # an index of another log, or of one restored from a backup
            part.index.close()
            self._file(part.number).unlink()
            part.index = KeyIndex(self._file(part.number), part.index.mask + 1)
        if part.index.applied < newest:
            query = f"SELECT id, keys FROM seen_{part.number} WHERE id > ? ORDER BY id"  # noqa: S608  # a number
            for row_id, keys in self._con.execute(query, (part.index.applied,)):
                part.index.add(array("Q", keys), row_id)
        part.last_id = newest

    def _begin_part(self, at: int, forever: bool, least: int) -> _Part:
        self._forget(at - KEPT)
        rank = sum(part.forever == forever for part in self._parts.values())
        slots = max(PART_SLOTS[min(rank, len(PART_SLOTS) - 1)], 1 << (4 * least).bit_length())
        values = (int(forever), slots, at)
        number = self._con.execute("INSERT INTO seen_part(forever, slots, begun_at) VALUES (?, ?, ?)", values).lastrowid
        self._con.execute(f"CREATE TABLE seen_{number}(id INTEGER PRIMARY KEY, keys BLOB NOT NULL)")
        self._file(number).unlink(missing_ok=True)  # left by a transaction that was rolled back
        self._load()
        return self._parts[number]

    def _forget(self, before: int) -> None:
        """Drop the parts whose successor was begun before ``before``: nothing in them is younger."""
        rows = self._con.execute("SELECT part, begun_at FROM seen_part WHERE NOT forever ORDER BY part").fetchall()
        for (number, _), (_, successor_begun_at) in pairwise(rows):
            if successor_begun_at < before:
                self._con.execute("DELETE FROM seen_part WHERE part = ?", (number,))
                self._con.execute(f"DROP TABLE seen_{number}")
                self._file(number).unlink(missing_ok=True)

    def _file(self, number: int) -> Path:
        return self._folder / f"{number}.keys"
