"""The outbox: one row per message, from its plan to its outcome.

States: planned -> leased -> handed -> sent | failed | uncertain | sent_before_restore, or refused -> not_sent.
``refused`` is decided but not yet told to the log. Rows never go back from handed, except when the log itself could
not be written and so nothing left.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec
import orjson

from anstoss.store.public import Connection

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message(id TEXT PRIMARY KEY, person INTEGER NOT NULL, identity TEXT NOT NULL,
  journey TEXT NOT NULL, step TEXT NOT NULL, entry TEXT NOT NULL, template TEXT NOT NULL,
  template_version INTEGER NOT NULL, channel TEXT NOT NULL, brand TEXT NOT NULL, address TEXT NOT NULL,
  lang TEXT NOT NULL, purpose TEXT NOT NULL, priority INTEGER NOT NULL, state TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '', reason_data TEXT NOT NULL DEFAULT '{}', subject TEXT NOT NULL DEFAULT '',
  planned_at INTEGER NOT NULL, not_before INTEGER NOT NULL, not_after INTEGER NOT NULL,
  lease_by TEXT, lease_until INTEGER, handed_at INTEGER, sent_at INTEGER, context BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS message_due ON message(purpose, not_before, priority) WHERE state = 'planned';
CREATE INDEX IF NOT EXISTS message_open ON message(lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX IF NOT EXISTS message_entry ON message(entry);
CREATE INDEX IF NOT EXISTS message_person ON message(person, planned_at);
CREATE INDEX IF NOT EXISTS message_handed ON message(person, handed_at)
  WHERE handed_at IS NOT NULL AND purpose = 'marketing';
CREATE TABLE IF NOT EXISTS stop(address TEXT NOT NULL, brand TEXT NOT NULL, channel TEXT NOT NULL, cause TEXT NOT NULL,
  at INTEGER NOT NULL, seq INTEGER, PRIMARY KEY(address, brand, channel, cause)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pulse_beat(id INTEGER PRIMARY KEY CHECK(id = 1), position INTEGER NOT NULL,
  caught_up_at INTEGER NOT NULL);
"""


def create_tables(con: Connection) -> None:
    """Create this room's tables in ``state.db`` where they are missing; keeps what is there."""
    for statement in _SCHEMA.split(";\n"):
        con.execute(statement)


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A message to be sent. Times are UTC microseconds; everything its rendering needs travels in ``context``.

    ``withheld`` is the reason code of a message that is planned as a non-message (the control group): it is recorded
    and never sent.
    """

    journey: str
    step: str
    entry: str
    person: int
    identity: str
    template: str
    template_version: int
    brand: str
    address: str
    lang: str
    planned_at: int
    not_before: int
    not_after: int
    channel: str = "email"
    purpose: Literal["marketing", "transactional"] = "marketing"
    priority: int = 0
    context: bytes = b"{}"
    withheld: str = ""

    @property
    def ledger(self) -> str:
        """The ledger key: of all plans with the same one, the first counts."""
        return f"{self.journey}/{self.step}/{self.entry}"


_INSERT = """
INSERT OR IGNORE INTO message(id, person, identity, journey, step, entry, template, template_version, channel, brand,
  address, lang, purpose, priority, planned_at, not_before, not_after, context, state, reason, lease_until)
VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
"""


def plan(con: Connection, message: Planned) -> bool:
    """Put a message into the outbox, in the caller's transaction; false when its ledger key is there already."""
    return plan_many(con, (message,)) == 1


def plan_many(con: Connection, messages: Iterable[Planned]) -> int:
    """Put messages into the outbox, in the caller's transaction; returns how many were new."""
    before: int = con.total_changes
    con.executemany(_INSERT, (_values(message) for message in messages))
    return int(con.total_changes) - before


def _values(message: Planned) -> tuple[object, ...]:
    of = message
    fate = ("refused", of.withheld, 0) if of.withheld else ("planned", "", None)
    route = (of.ledger, of.person, of.identity, of.journey, of.step, of.entry, of.template, of.template_version)
    terms = (of.channel, of.brand, of.address, of.lang, of.purpose, of.priority)
    return (*route, *terms, of.planned_at, of.not_before, of.not_after, of.context, *fate)


def cancel(con: Connection, entry: str, reason: str, data: dict[str, object] | None = None) -> int:
    """Withdraw what an enrolment has planned and not handed over, in the caller's transaction; returns how many.

    A sender that holds such a message under lease fails at its conditional hand-over. The reason is recorded.
    """
    body = orjson.dumps(data or {}).decode()
    changed = con.execute(
        "UPDATE message SET state='refused', reason=?, reason_data=?, lease_by=NULL, lease_until=0"
        " WHERE entry=? AND state IN ('planned', 'leased')",
        (reason, body, entry),
    )
    return int(changed.rowcount)


def recall(con: Connection, ledger: str, outcome: Literal["sent_before_restore", "not_sent"], at: int) -> bool:
    """Take from the log what this outbox has forgotten, in the caller's transaction; true if it had.

    For the pulse, when it folds ``Message Handed`` or ``Message Not Sent``: in a restored or rebuilt state the message
    may be planned once more. What was handed over at ``at`` then counts for the caps again. Changes nothing otherwise.
    """
    changed = con.execute(
        "UPDATE message SET state=?, handed_at=?, lease_by=NULL, lease_until=NULL"
        " WHERE id=? AND state IN ('planned', 'leased', 'refused')",
        (outcome, at if outcome == "sent_before_restore" else None, ledger),
    )
    return bool(changed.rowcount == 1)


def beat(con: Connection, position: int, caught_up_at: int) -> None:
    """The pulse says how far it has folded and when it last had folded everything; without it nothing promotional goes.

    To be written at least every few real seconds, or when it caught up, in the caller's transaction.
    """
    con.execute("INSERT OR REPLACE INTO pulse_beat VALUES (1, ?, ?)", (position, caught_up_at))


def count_by_state(con: Connection) -> dict[str, int]:
    """How many messages are in which state."""
    return dict(con.execute("SELECT state, count(*) FROM message GROUP BY state ORDER BY state").fetchall())
