"""The built-in mailbox: an e-mail channel that keeps, in a file of the home, the bytes that would go over the wire.

It keeps its own record of what reached it and repeats nothing away: it is the judge of whether something was sent
twice.
"""

import email
import email.policy
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage

from anstoss.delivery.channel import Channel, Outcome, Parcel
from anstoss.store.public import Connection, Home, connect, transaction

CARRIES = "email"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS mail(id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL, ledger TEXT NOT NULL,
  at INTEGER NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL, raw BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS mail_ledger ON mail(ledger);
"""


@dataclass(frozen=True)
class Mail:
    """One line of the mailbox. ``at`` is UTC microseconds."""

    id: int
    message_id: str
    ledger: str
    at: int
    recipient: str
    subject: str


@dataclass(frozen=True)
class Letter:
    """A mail opened: its headers in order, both its parts, and the bytes themselves."""

    mail: Mail
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    raw: bytes


class Mailbox:
    """The mailbox of a home, for delivering and for reading."""

    def __init__(self, home: Home, *, durable: bool = True) -> None:
        self._gate = home.gate("mailbox")
        self._con: Connection = connect(home.mailbox_db, durable=durable)
        with transaction(self._con, self._gate):
            for statement in _SCHEMA.split(";\n"):
                self._con.execute(statement)

    def deliver(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Keep the parcels, all or (with an error) none."""
        with transaction(self._con, self._gate):
            self._con.executemany(
                "INSERT INTO mail(message_id, ledger, at, recipient, subject, raw) VALUES (?, ?, ?, ?, ?, ?)",
                [(of.message_id, of.ledger, of.at, of.recipient, of.subject, of.raw) for of in parcels],
            )
        return [Outcome(accepted=True)] * len(parcels)

    def list(self, limit: int = 50, before: int | None = None, recipient: str = "") -> list[Mail]:
        """The newest mails, or those older than the id ``before``; of one recipient, if named."""
        rows = self._con.execute(
            "SELECT id, message_id, ledger, at, recipient, subject FROM mail"
            " WHERE id < ? AND (? = '' OR recipient = ?) ORDER BY id DESC LIMIT ?",
            (before if before is not None else 1 << 62, recipient, recipient, limit),
        ).fetchall()
        return [Mail(*row) for row in rows]

    def get(self, mail_id: int) -> Letter | None:
        """One mail, opened."""
        return self._open("id = ?", mail_id)

    def find(self, ledger: str) -> Letter | None:
        """The mail of a message, by its ledger key."""
        return self._open("ledger = ?", ledger)

    def count(self) -> int:
        """How many mails have reached the mailbox."""
        return int(self._con.execute("SELECT count(*) FROM mail").fetchone()[0])

    def _open(self, condition: str, value: object) -> Letter | None:
        row = self._con.execute(
            f"SELECT id, message_id, ledger, at, recipient, subject, raw FROM mail WHERE {condition}",  # noqa: S608  # one of the two above
            (value,),
        ).fetchone()
        if row is None:
            return None
        message = email.message_from_bytes(row[6], policy=email.policy.default)
        headers = tuple((name, str(text)) for name, text in message.items())
        return Letter(Mail(*row[:6]), headers, _part(message, "plain"), _part(message, "html"), row[6])

    def close(self) -> None:
        """Give the file back."""
        self._con.close()
        self._gate.close()


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def open_channel(home: Home, *, durable: bool) -> Channel:
    """The mailbox of a home."""
    return Mailbox(home, durable=durable)
