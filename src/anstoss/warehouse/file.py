"""The DuckDB file: opening it, judging whether it is sound, and replacing it while questions are being asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from anstoss.warehouse.models import create_models
from anstoss.warehouse.schema import LAYOUT, TABLES

THREADS = 2


class Unsound(Exception):
    """The file is missing, damaged or of another layout; ``str`` says which. It can always be rebuilt."""


def connect(path: Path, memory: str) -> duckdb.DuckDBPyConnection:
    """Open or create the file with bounded memory, and without the network and other files of the machine."""
    con = duckdb.connect(
        str(path),
        config={
            "threads": THREADS,
            "memory_limit": memory,
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "enable_external_access": False,
            "python_enable_replacements": False,
        },
    )
    con.execute("SET lock_configuration = true")
    return con


def create(path: Path, memory: str, change: int) -> duckdb.DuckDBPyConnection:
    """A new file with empty tables that has seen all changes up to ``change``."""
    con = connect(path, memory)
    for table in TABLES:
        con.execute(table)
    con.execute("INSERT INTO projected VALUES (?, ?)", (LAYOUT, change))
    return con


def is_damage(error: Exception) -> bool:
    """Whether an error says that the file itself is broken (and not, for instance, that the question is wrong)."""
    if isinstance(error, duckdb.FatalException | duckdb.InternalException | duckdb.SerializationException):
        return True
    return any(sign in str(error) for sign in ("Corrupt", "not a valid DuckDB", "Could not read"))


def watermark(con: duckdb.DuckDBPyConnection) -> int:
    """The last change that the file contains; ``Unsound`` if its layout is not ours."""
    try:
        rows = con.execute("SELECT change FROM projected WHERE layout = ?", (LAYOUT,)).fetchall()
    except duckdb.CatalogException:
        rows = []
    if not rows:
        raise Unsound("the file has another layout")
    return int(rows[0][0])


def content_hash(con: duckdb.DuckDBPyConnection) -> str:
    """A fingerprint of all facts and persons that does not depend on the order of rows. It reads every block."""
    queries = ("SELECT count(*), sum(hash(f)) FROM facts f", "SELECT count(*), sum(hash(p)) FROM persons p")
    return "/".join(f"{count}:{total or 0:x}" for query in queries for count, total in con.execute(query).fetchall())


def open_sound(path: Path, memory: str) -> duckdb.DuckDBPyConnection:
    """Open the file and read it once through; ``Unsound`` if that cannot be done (1 s for 20 million facts)."""
    if not path.exists():
        raise Unsound("there is no file")
    try:
        con = connect(path, memory)
    except duckdb.Error as error:
        if is_damage(error):
            raise Unsound(str(error)) from error
        raise
    try:
        watermark(con)
        content_hash(con)
    except (duckdb.Error, Unsound) as error:
        _close(con)
        raise Unsound(str(error)) from error
    return con


def _close(con: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):  # a damaged file fails again when its last changes are written back
        con.close()


def remove(path: Path) -> None:
    """Remove a file and its write-ahead log; the file first, since one without its log would seem whole but older."""
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)


class Shelf:
    """Holds the open file. Questions share it; to replace it, they are waited for."""

    def __init__(self, path: Path, memory: str) -> None:
        self._path, self._memory = path, memory
        self._con: duckdb.DuckDBPyConnection | None = None
        self._changed = threading.Condition()
        self._readers = 0
        self._replacing = False

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The writer's own connection."""
        if self._con is None:
            raise Unsound("the warehouse is closed")
        return self._con

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of one's own for one question; waits while the file is being replaced."""
        with self._changed:
            self._changed.wait_for(lambda: not self._replacing)
            cursor = self.connection.cursor()
            self._readers += 1
        try:
            yield cursor
        finally:
            cursor.close()
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    def open(self) -> None:
        """Open the file that is there, or raise ``Unsound``."""
        con = open_sound(self._path, self._memory)
        create_models(con)
        self._con = con

    def replace(self, fresh: Path) -> None:
        """Put ``fresh``, a closed and complete file, in the place of the present one."""
        with self._exclusive():
            self.close()
            remove(self._path)
            fresh.rename(self._path)
            con = connect(self._path, self._memory)
            create_models(con)
            self._con = con

    def close(self) -> None:
        """Close the file; what is in its write-ahead log goes into it."""
        if self._con is not None:
            _close(self._con)
            self._con = None

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        # A question still open would keep the old file alive in this process, and DuckDB would hand it out again.
        with self._changed:
            self._replacing = True
            self._changed.wait_for(lambda: self._readers == 0)
        try:
            yield
        finally:
            with self._changed:
                self._replacing = False
                self._changed.notify_all()
