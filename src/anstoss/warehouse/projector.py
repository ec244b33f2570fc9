"""Copying what changed in ``state.db`` into the warehouse, exactly, whatever crashes in between."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import duckdb
import pyarrow as pa
import structlog

from anstoss.store.public import Connection, Gate, Home, connect, transaction
from anstoss.warehouse import feed, file

BATCH = 200_000
"""Facts fed at a time in a rebuild."""
CONSUMED_AT_A_TIME = 1_000
"""Rows of the outflow deleted in one write transaction."""

_log = structlog.get_logger("anstoss.warehouse")

_APPLY = (
    "DELETE FROM facts USING rewritten r WHERE facts.person = r.person",
    "DELETE FROM facts USING appended a WHERE facts.person = a.person AND facts.seq = a.seq AND facts.n = a.n",
    "INSERT INTO facts SELECT * FROM arrived",
    """MERGE INTO persons p USING touched t ON p.person = t.person
    WHEN MATCHED AND t.first_at IS NULL THEN DELETE
    WHEN MATCHED AND p.first_at <> t.first_at THEN UPDATE SET first_at = t.first_at
    WHEN NOT MATCHED AND t.first_at IS NOT NULL THEN INSERT VALUES (t.person, t.first_at)""",
)


class Projector:
    """The one writer of the warehouse. It opens the file, and rebuilds it if it is missing, damaged or out of step.

    Every change is applied by deleting and inserting all it names, in one DuckDB transaction with the watermark: a
    change applied twice changes nothing, and the outflow is only deleted up to the watermark.
    """

    def __init__(self, home: Home, memory: str = "1GB") -> None:
        self._home, self._memory = home, memory
        self._writing = threading.RLock()
        self.shelf = file.Shelf(home.duckdb_file, memory)
        self.damaged = False
        try:
            self.shelf.open()
            self._watermark = file.watermark(self.shelf.connection)
            self._check_step()
        except file.Unsound as reason:
            self.shelf.close()
            self._repair(str(reason))

    @property
    def watermark(self) -> int:
        """The last change of the outflow that the warehouse contains."""
        return self._watermark

    def project(self, state: Connection, limit: int = 20_000) -> int:
        """Copy the next at most ``limit`` changes; returns how many there were. A damaged file is rebuilt first."""
        with self._writing:
            if self.damaged:
                self._repair("a question met a damaged block")
            portion = feed.portion(state, self._watermark, limit)
            if not portion.changes:
                return 0
            try:
                self._apply(portion)
            except duckdb.Error as error:
                if not file.is_damage(error):
                    raise
                self._repair(str(error))
            return portion.changes

    def consumed(self, state: Connection, gate: Gate) -> None:
        """Delete the outflow up to the watermark, in short transactions that leave others their turn."""
        last = self._watermark
        query = "DELETE FROM outflow WHERE change IN (SELECT change FROM outflow WHERE change <= ? ORDER BY 1 LIMIT ?)"
        while True:
            with transaction(state, gate):
                began = time.monotonic()
                deleted = state.execute(query, (last, CONSUMED_AT_A_TIME)).rowcount
            if deleted < CONSUMED_AT_A_TIME:
                return
            time.sleep(time.monotonic() - began)

    def catch_up(self, state: Connection, gate: Gate) -> None:
        """Project and consume until nothing is left."""
        while self.project(state):
            self.consumed(state, gate)
        self.consumed(state, gate)

    def rebuild(self) -> None:
        """Make the file anew from ``history`` and ``person``, in bounded memory, and put it in place.

        The pulse may go on meanwhile: the new file starts from the last change before the copy, so whatever happens
        during the copy is applied again afterwards.
        """
        fresh = self._home.duckdb_file.with_suffix(".new")
        with self._writing:
            file.remove(fresh)
            state = connect(self._home.state_db)
            try:
                change = feed.newest_change(state)
                self._fill(fresh, state, change)
            finally:
                state.close()
            self.shelf.replace(fresh)
            self._watermark, self.damaged = change, False

    def close(self) -> None:
        """Close the file."""
        with self._writing:
            self.shelf.close()

    def _fill(self, path: Path, state: Connection, change: int) -> None:
        con = file.create(path, self._memory, change)
        try:
            with ThreadPoolExecutor(1) as writer:  # DuckDB writes a batch while Python reads the next
                written = writer.submit(lambda: None)
                for facts in feed.all_facts(state, BATCH):
                    written.result()
                    written = writer.submit(_insert, con, "INSERT INTO facts SELECT * FROM arrived", facts)
                written.result()
            for persons in feed.all_persons(state, BATCH):
                _insert(con, "INSERT INTO persons SELECT * FROM arrived", feed.person_table(persons))
        finally:
            con.close()

    def _apply(self, portion: feed.Portion) -> None:
        con = self.shelf.connection
        tables = {
            "rewritten": feed.key_table(portion.rewritten),
            "appended": feed.key_table(portion.appended),
            "arrived": feed.fact_table(portion.facts),
            "touched": feed.person_table(portion.persons),
        }
        for name, table in tables.items():
            con.register(name, table)
        con.begin()
        try:
            for statement in _APPLY:
                con.execute(statement)
            con.execute("UPDATE projected SET change = ?", (portion.high,))
            con.commit()
        except BaseException:
            with suppress(duckdb.Error):  # the reason of the failure is worth more than that of the rollback
                con.rollback()
            raise
        finally:
            with suppress(duckdb.Error):
                for name in tables:
                    con.unregister(name)
        self._watermark = portion.high

    def _repair(self, reason: str) -> None:
        tell = _log.warning if self._home.duckdb_file.exists() else _log.info  # a new home has none yet
        tell("warehouse is rebuilt", reason=reason, file=str(self._home.duckdb_file))
        self.rebuild()

    def _check_step(self) -> None:
        # Seen when one of the two files was restored from a backup: changes are missing, or were never made.
        state = connect(self._home.state_db)
        try:
            oldest, newest = feed.oldest_change(state), feed.newest_change(state)
        finally:
            state.close()
        if not oldest - 1 <= self._watermark <= newest:
            raise file.Unsound(f"it ends at change {self._watermark}, the state offers {oldest} to {newest}")


def _insert(con: duckdb.DuckDBPyConnection, statement: str, rows: pa.Table) -> None:
    con.register("arrived", rows)
    con.execute(statement)
    con.unregister("arrived")
