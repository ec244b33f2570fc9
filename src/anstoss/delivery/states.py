"""The steps of a message through its states, as conditional updates. Each runs in the caller's transaction.

A row under care carries ``lease_until``: the instant from which any sender may look after it. A lease runs out then
and is given to another; a message handed over and never reported is uncertain then; a refusal is told to the log.
"""

from collections.abc import Iterable, Sequence

import msgspec
import orjson

from anstoss.delivery.gate import Later, Refused
from anstoss.store.public import Connection


class Message(msgspec.Struct, frozen=True, array_like=True):
    """A row of the outbox as a sender holds it."""

    row: int
    ledger: str
    person: int
    identity: str
    journey: str
    step: str
    entry: str
    template: str
    template_version: int
    channel: str
    brand: str
    address: str
    lang: str
    purpose: str
    priority: int
    not_after: int
    reason: str
    reason_data: str
    subject: str
    state: str
    context: bytes


_COLUMNS = (
    "rowid, id, person, identity, journey, step, entry, template, template_version, channel, brand, address, lang,"
    " purpose, priority, not_after, reason, reason_data, subject, state"
)


def _messages(rows: Iterable[Sequence[object]]) -> list[Message]:
    return [Message(*row) for row in rows]  # type: ignore[arg-type]  # columns in the order of the fields


def due(con: Connection, purpose: str, now: int, limit: int) -> list[Message]:
    """What may be sent from ``now`` on, the longest waiting first, ordered by priority."""
    rows = con.execute(
        f"SELECT {_COLUMNS}, context FROM message WHERE state = 'planned' AND purpose = ? AND not_before <= ?"  # noqa: S608  # columns are ours
        " ORDER BY not_before LIMIT ?",
        (purpose, now, limit),
    ).fetchall()
    return sorted(_messages(rows), key=lambda message: -message.priority)


def next_due(con: Connection, purpose: str) -> int | None:
    """The instant at which the next planned message of this purpose is due."""
    row = con.execute("SELECT min(not_before) FROM message WHERE state = 'planned' AND purpose = ?", (purpose,))
    instant: int | None = row.fetchone()[0]
    return instant


def overdue(con: Connection, now: int, limit: int) -> list[Message]:
    """What nobody has looked after by ``now``: leased, handed or refused."""
    rows = con.execute(
        f"SELECT {_COLUMNS}, x'' FROM message WHERE lease_until <= ? ORDER BY lease_until LIMIT ?",  # noqa: S608  # columns are ours
        (now, limit),
    ).fetchall()
    return _messages(rows)


class Steps:
    """The steps as one sender takes them: what is leased or handed over belongs to its ``holder``."""

    def __init__(self, con: Connection, holder: str) -> None:
        self._con = con
        self._holder = holder

    def lease(self, message: Message, until: int) -> bool:
        """planned -> leased."""
        return self._changed(
            "UPDATE message SET state='leased', lease_by=?, lease_until=?, reason='', reason_data='{}'"
            " WHERE rowid=? AND state='planned'",
            (self._holder, until, message.row),
        )

    def hand(self, message: Message, now: int, uncertain_from: int, subject: str) -> bool:
        """leased -> handed, by the holder of the lease only: the fence. Never to be leased again."""
        return self._changed(
            "UPDATE message SET state='handed', handed_at=?, lease_until=?, subject=?"
            " WHERE rowid=? AND state='leased' AND lease_by=?",
            (now, uncertain_from, subject, message.row, self._holder),
        )

    def settle(self, message: Message, state: str, now: int, refusal: Refused | None = None) -> None:
        """handed (or uncertain, when its holder was only slow) -> sent, failed or sent_before_restore."""
        code, data = (refusal.code, _json(refusal.data)) if refusal else ("", "{}")
        self._changed(
            "UPDATE message SET state=?, sent_at=?, reason=?, reason_data=?, lease_until=NULL"
            " WHERE rowid=? AND state IN ('handed', 'uncertain')",
            (state, now if state == "sent" else None, code, data, message.row),
        )

    def refuse(self, message: Message, refusal: Refused) -> bool:
        """planned or leased -> refused; the log is told next."""
        return self._changed(
            "UPDATE message SET state='refused', reason=?, reason_data=?, lease_by=NULL, lease_until=0"
            " WHERE rowid=? AND (state='planned' OR (state='leased' AND lease_by=?))",
            (refusal.code, _json(refusal.data), message.row, self._holder),
        )

    def postpone(self, message: Message, later: Later) -> bool:
        """planned or leased -> planned, until it may be allowed; with the reason for waiting."""
        return self._changed(
            "UPDATE message SET state='planned', not_before=max(not_before, ?), reason=?, reason_data=?, lease_by=NULL,"
            " lease_until=NULL WHERE rowid=? AND (state='planned' OR (state='leased' AND lease_by=?))",
            (later.until, later.code, _json(later.data), message.row, self._holder),
        )

    def release(self, message: Message, not_before: int) -> bool:
        """handed -> planned: only for a holder who knows that the log took nothing and so nothing left."""
        return self._changed(
            "UPDATE message SET state='planned', not_before=?, handed_at=NULL, lease_by=NULL, lease_until=NULL"
            " WHERE rowid=? AND state='handed' AND lease_by=?",
            (not_before, message.row, self._holder),
        )

    def expire_lease(self, message: Message, now: int) -> bool:
        """leased -> planned, once the lease has run out."""
        return self._changed(
            "UPDATE message SET state='planned', lease_by=NULL, lease_until=NULL"
            " WHERE rowid=? AND state='leased' AND lease_until <= ?",
            (message.row, now),
        )

    def give_up(self, message: Message, now: int) -> bool:
        """handed -> uncertain: whoever handed it over never said how it went."""
        return self._changed(
            "UPDATE message SET state='uncertain', lease_until=NULL"
            " WHERE rowid=? AND state='handed' AND lease_until <= ?",
            (message.row, now),
        )

    def close_refused(self, message: Message) -> bool:
        """refused -> not_sent, after the log has been told."""
        return self._changed(
            "UPDATE message SET state='not_sent', lease_until=NULL WHERE rowid=? AND state='refused'",
            (message.row,),
        )

    def _changed(self, statement: str, values: tuple[object, ...]) -> bool:
        return bool(self._con.execute(statement, values).rowcount == 1)


def _json(data: dict[str, object]) -> str:
    return orjson.dumps(data).decode()
