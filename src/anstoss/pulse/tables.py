"""The pulse's own tables in ``state.db``, and writing a batch's outcome into all of them in one transaction."""

from collections.abc import Iterable

import msgspec
import orjson

from anstoss.customers.public import create_tables as create_customer_tables
from anstoss.customers.public import record_consents
from anstoss.delivery.public import beat, cancel, plan_many, recall
from anstoss.delivery.public import create_tables as create_delivery_tables
from anstoss.log.public import NewEvent
from anstoss.pulse.definitions import Era
from anstoss.pulse.outcome import Outcome
from anstoss.pulse.people import fact_row, person_row
from anstoss.pulse.standing import Person
from anstoss.store.public import Connection

DERIVED = ("untold", "era", "definition", "enrolment", "membership", "stage")
"""Tables of this room that a rebuild empties."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS untold(id INTEGER PRIMARY KEY AUTOINCREMENT, events BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS era(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, payload BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS definition(kind TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL,
  body TEXT NOT NULL, published_at INTEGER NOT NULL, seq INTEGER NOT NULL, active INTEGER NOT NULL,
  failure TEXT NOT NULL DEFAULT '', PRIMARY KEY(kind, key, version)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS enrolment(entry TEXT PRIMARY KEY, person INTEGER NOT NULL, journey TEXT NOT NULL,
  version INTEGER NOT NULL, key TEXT NOT NULL, arm TEXT NOT NULL, step TEXT NOT NULL, started_at INTEGER NOT NULL,
  due INTEGER, ended_at INTEGER, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS enrolment_person ON enrolment(person);
CREATE INDEX IF NOT EXISTS enrolment_journey ON enrolment(journey, step) WHERE ended_at IS NULL;
CREATE TABLE IF NOT EXISTS membership(segment TEXT NOT NULL, person INTEGER NOT NULL, since INTEGER NOT NULL,
  PRIMARY KEY(segment, person)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stage(lifecycle TEXT NOT NULL, person INTEGER NOT NULL, stage TEXT NOT NULL,
  since INTEGER NOT NULL, PRIMARY KEY(lifecycle, person)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS stage_size ON stage(lifecycle, stage);
"""

_encode_events = msgspec.msgpack.Encoder().encode
_decode_events = msgspec.msgpack.Decoder(list[NewEvent]).decode


_KEEP_PERSON = """
INSERT INTO person VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(person) DO UPDATE SET first_at = excluded.first_at,
  wake_at = excluded.wake_at, era = excluded.era, search = excluded.search, profile = excluded.profile,
  standing = excluded.standing
"""


SCHEMA = 1
"""The form of ``state.db``. A home of another form is refused until there is a way from one to the other."""


class OtherVersion(RuntimeError):
    """The home was made by a version of Anstoss whose state has another form."""

    def __init__(self, found: int) -> None:
        super().__init__(
            f"state.db has form {found}, this version of Anstoss reads {SCHEMA}; use the version that made it"
        )


def check_version(con: Connection) -> None:
    """``OtherVersion`` unless ``state.db`` is empty or has the form that this version reads."""
    found = con.execute("PRAGMA user_version").fetchone()[0]
    is_new = con.execute("SELECT count(*) FROM sqlite_master WHERE name = 'person'").fetchone()[0] == 0
    if found != SCHEMA and not is_new:
        raise OtherVersion(found)


def create_tables(con: Connection) -> None:
    """Create every table that the pulse writes to, where it is missing; ``OtherVersion`` if they have another form."""
    check_version(con)
    con.execute(f"PRAGMA user_version = {SCHEMA}")
    create_customer_tables(con)
    create_delivery_tables(con)
    for statement in _SCHEMA.split(";\n"):
        con.execute(statement)


def write(con: Connection, out: Outcome, people: Iterable[Person]) -> None:
    """Write the outcome of a batch and the people it touched, in the caller's transaction."""
    con.executemany(
        "INSERT OR REPLACE INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [fact_row(person, fact) for person, fact in out.facts],
    )
    con.executemany(_KEEP_PERSON, map(person_row, people))
    con.executemany("INSERT OR REPLACE INTO identity VALUES (?, ?, ?)", out.identities)
    con.executemany("INSERT OR REPLACE INTO identity_conflict VALUES (?, ?, ?, ?)", out.conflicts)
    record_consents(con, out.consents)
    _write_stages(con, out)
    _write_members(con, out)
    con.executemany(
        "INSERT OR REPLACE INTO enrolment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (e.entry, person, e.journey, e.version, e.key, e.arm, step, e.started_at, e.due, e.ended_at, e.reason)
            for person, e, step in out.enrolments.values()
        ],
    )
    plan_many(con, out.messages)
    for entry, reason in out.cancelled:
        cancel(con, entry, "left_journey", {"why": reason})
    for ledger, outcome, at in out.recalled:
        recall(con, ledger, outcome, at)
    if out.events:
        con.execute("INSERT INTO untold(events) VALUES (?)", (_encode_events(out.events),))
    _join_and_withdraw(con, out)


def _join_and_withdraw(con: Connection, out: Outcome) -> None:
    # After all that the batch added: some of it was added to a person who was absorbed later in the same batch.
    for survivor, absorbed in out.moves:
        con.execute("UPDATE history SET person = ? WHERE person = ?", (survivor, absorbed))
        con.execute("UPDATE identity SET person = ? WHERE person = ?", (survivor, absorbed))
        con.execute("UPDATE message SET person = ? WHERE person = ?", (survivor, absorbed))
        con.execute("UPDATE enrolment SET person = ? WHERE person = ?", (survivor, absorbed))
        con.execute("DELETE FROM person WHERE person = ?", (absorbed,))
    con.executemany(
        "DELETE FROM history WHERE person = ? AND seq = ? AND n = ?",
        [(_owner(person, out), fact.seq, fact.n) for person, fact in out.withdrawn],
    )
    changes = [(person, fact.seq, fact.n) for person, fact in out.facts if person not in out.rewritten]
    whole = [*out.rewritten, *(absorbed for _, absorbed in out.moves)]
    con.executemany("INSERT INTO outflow(person, seq, n) VALUES (?, ?, ?)", changes)
    con.executemany("INSERT INTO outflow(person) VALUES (?)", [(person,) for person in whole])


def _owner(person: int, out: Outcome) -> int:
    # Who settled and was then absorbed in one batch has her facts with the survivor by now.
    for survivor, absorbed in out.moves:
        person = survivor if person == absorbed else person
    return person


def _write_stages(con: Connection, out: Outcome) -> None:
    stands = [(lifecycle, person, *stage) for (person, lifecycle), stage in out.stages.items() if stage is not None]
    gone = [(lifecycle, person) for (person, lifecycle), stage in out.stages.items() if stage is None]
    con.executemany("INSERT OR REPLACE INTO stage VALUES (?, ?, ?, ?)", stands)
    con.executemany("DELETE FROM stage WHERE lifecycle = ? AND person = ?", gone)


def _write_members(con: Connection, out: Outcome) -> None:
    entered = [(segment, person, since) for (person, segment), since in out.members.items() if since is not None]
    left = [(segment, person) for (person, segment), since in out.members.items() if since is None]
    con.executemany("INSERT OR REPLACE INTO membership VALUES (?, ?, ?)", entered)
    con.executemany("DELETE FROM membership WHERE segment = ? AND person = ?", left)


def write_era(con: Connection, era: Era, payload: bytes) -> None:
    """Keep the row that began an era, and show what it put in force."""
    con.execute("INSERT OR REPLACE INTO era VALUES (?, ?, ?)", (era.seq, era.at, payload))
    for (kind, key), (version, body) in era.bodies.items():
        known = con.execute(
            "SELECT 1 FROM definition WHERE kind = ? AND key = ? AND version = ?", (kind, key, version)
        ).fetchone()
        if known is None:
            con.execute("UPDATE definition SET active = 0 WHERE kind = ? AND key = ?", (kind, key))
            con.execute(
                "INSERT INTO definition(kind, key, version, body, published_at, seq, active) VALUES (?,?,?,?,?,?,1)",
                (kind, key, version, orjson.dumps(body).decode(), era.at, era.seq),
            )
    con.executemany(
        "UPDATE definition SET active = 0, failure = 'stopped' WHERE kind = ? AND key = ? AND version = ?",
        sorted(era.stopped),
    )


def untold(con: Connection) -> tuple[int, list[NewEvent]]:
    """What the engine did and has not put into the log yet: (id of the last, events)."""
    rows = con.execute("SELECT id, events FROM untold ORDER BY id").fetchall()
    return (rows[-1][0] if rows else 0), [event for _, events in rows for event in _decode_events(events)]


def position(con: Connection) -> int:
    """The log position up to which everything is folded."""
    row = con.execute("SELECT position FROM pulse_beat WHERE id = 1").fetchone()
    return int(row[0]) if row else 0


__all__ = ["DERIVED", "beat", "create_tables", "position", "untold", "write", "write_era"]
