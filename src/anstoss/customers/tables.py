"""The tables of this room in ``state.db``. All of them are derived from the log and can be rebuilt from it."""

from anstoss.store.public import Connection

DERIVED = ("person", "identity", "history", "outflow", "consent", "identity_conflict")
"""Tables that a rebuild empties."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS person(person INTEGER PRIMARY KEY, first_at INTEGER NOT NULL, wake_at INTEGER,
  era INTEGER NOT NULL DEFAULT 0, search TEXT NOT NULL DEFAULT '', profile BLOB NOT NULL, standing BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS person_wake ON person(wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS person_era ON person(era);
CREATE TABLE IF NOT EXISTS identity(key TEXT PRIMARY KEY, person INTEGER NOT NULL, first_seq INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS identity_person ON identity(person);
CREATE TABLE IF NOT EXISTS history(person INTEGER NOT NULL, seq INTEGER NOT NULL, n INTEGER NOT NULL,
  at INTEGER NOT NULL, name TEXT NOT NULL, brand TEXT NOT NULL, day INTEGER NOT NULL, hour INTEGER NOT NULL,
  body BLOB NOT NULL, PRIMARY KEY(person, seq, n)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outflow(change INTEGER PRIMARY KEY AUTOINCREMENT, person INTEGER NOT NULL, seq INTEGER,
  n INTEGER);
CREATE TABLE IF NOT EXISTS consent(address TEXT NOT NULL, brand TEXT NOT NULL, channel TEXT NOT NULL,
  status TEXT NOT NULL, at INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(address, brand, channel)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS identity_conflict(seq INTEGER NOT NULL, key TEXT NOT NULL, person INTEGER NOT NULL,
  other INTEGER NOT NULL, PRIMARY KEY(seq, key)) WITHOUT ROWID;
"""


def create_tables(con: Connection) -> None:
    """Create what is missing; keeps what is there."""
    for statement in _SCHEMA.split(";\n"):
        con.execute(statement)
