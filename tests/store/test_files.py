"""Homes, gates and transactions, with real files and real processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from anstoss.store.public import Connection, Gate, Home, connect, sqlite3, transaction, wal_is_safe

HOLDER = """
import sys
from pathlib import Path
from anstoss.store.public import Gate
with Gate(Path(sys.argv[1])):
    print("in", flush=True)
    sys.stdin.readline()
"""


def test_creating_a_home_twice_keeps_its_secret(tmp_path: Path) -> None:
    home = Home(tmp_path / "a" / "b")
    assert not home.exists
    home.create()
    secret = home.secret()
    home.create()
    assert home.exists
    assert home.secret() == secret
    assert len(secret) == 32
    assert home.secret_file.stat().st_mode & 0o777 == 0o600
    assert home.path.stat().st_mode & 0o777 == 0o700


def test_two_homes_have_two_secrets_and_nothing_lies_outside(tmp_path: Path) -> None:
    one, other = Home(tmp_path / "1"), Home(tmp_path / "2")
    one.create()
    other.create()
    assert one.secret() != other.secret()
    places = [value for name in dir(Home) if isinstance(value := getattr(one, name), Path)]
    assert len(places) > 5
    assert all(place.is_relative_to(one.path) for place in places)


def test_a_gate_is_held_against_other_processes_and_free_when_they_end(tmp_path: Path) -> None:
    file = tmp_path / "x.gate"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    gate = Gate(file)
    try:
        assert holder.stdout.readline() == "in\n"
        assert not gate.try_enter()
        holder.kill()  # a process that dies cannot leave the door shut
        holder.wait()
        assert gate.try_enter()
        assert not Gate(file).try_enter()
        gate.__exit__(None, None, None)
        with gate:
            pass
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
        holder.stdin.close()
        gate.close()
        gate.close()


def test_leaving_a_gate_that_was_never_entered_is_harmless(tmp_path: Path) -> None:
    Gate(tmp_path / "never.gate").__exit__(None, None, None)
    assert not (tmp_path / "never.gate").exists()


def test_a_transaction_is_all_or_nothing_and_leaves_the_gate(tmp_path: Path) -> None:
    gate = Gate(tmp_path / "t.gate")
    con, other = connect(tmp_path / "t.db"), connect(tmp_path / "t.db")
    with transaction(con, gate):
        con.execute("CREATE TABLE t(a INTEGER PRIMARY KEY)")
        con.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(KeyboardInterrupt):
        _write(con, gate, 2, failure=KeyboardInterrupt())
    with pytest.raises(sqlite3.IntegrityError):
        _write(con, gate, 3, 1)
    assert other.execute("SELECT a FROM t").fetchall() == [(1,)]
    with transaction(other, gate):
        other.execute("INSERT INTO t VALUES (4)")
    assert con.execute("SELECT a FROM t").fetchall() == [(1,), (4,)]
    con.close()
    other.close()
    gate.close()


def test_a_transaction_that_sqlite_ended_by_itself_tells_why(tmp_path: Path) -> None:
    gate, con = Gate(tmp_path / "f.gate"), connect(tmp_path / "f.db")
    con.execute("CREATE TABLE t(a BLOB)")
    con.execute("PRAGMA max_page_count=4")  # a full disk
    with pytest.raises(sqlite3.OperationalError, match="full"), transaction(con, gate):
        con.execute("INSERT INTO t VALUES (zeroblob(100000))")
    assert gate.try_enter()
    con.close()
    gate.close()


def _write(con: Connection, gate: Gate, *values: int, failure: BaseException | None = None) -> None:
    with transaction(con, gate):
        con.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
        if failure is not None:
            raise failure


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
def test_durable_files_are_synced_at_every_commit(tmp_path: Path, durable: bool, level: int) -> None:
    con = connect(tmp_path / "d.db", durable=durable)
    assert con.execute("PRAGMA synchronous").fetchone() == (level,)
    assert con.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    con.close()


def test_the_library_in_use_is_the_safe_one_for_everybody() -> None:
    import sqlite3 as imported_later

    assert wal_is_safe
    assert imported_later is sqlite3
