"""Stops: what forbids an address at once, before the log has been read."""

from contextlib import closing
from dataclasses import dataclass

from anstoss.brands.public import Clock, FileClock
from anstoss.delivery.facts import fold_address
from anstoss.delivery.links import Links, WayOut
from anstoss.delivery.records import withdrawal_events
from anstoss.log.public import LogDoor
from anstoss.store.public import Connection, Home, connect, transaction

CAUSES = ("unsubscribed", "complained", "bounced", "erased")


@dataclass(frozen=True)
class Address:
    """Whom a stop is about. ``brand`` and ``channel`` may be ``*``: every one."""

    address: str
    brand: str
    channel: str


def write_stop(home: Home, whom: Address, cause: str, at: int) -> None:
    """Forbid an address. It is on disk, and every sender obeys it, when this returns."""
    if cause not in CAUSES:
        raise ValueError(f"unknown cause of a stop {cause!r}; there are: {', '.join(CAUSES)}")
    with _state(home) as con:
        _write(con, home, whom, cause, at)


def withdraw(home: Home, log: LogDoor, token: str, clock: Clock | None = None) -> WayOut:
    """Unsubscribe whom the link was sent to, in force when this returns; returns what the link was about.

    Stops the address for this brand and channel, then tells the log (``Unsubscribed`` and ``Consent Withdrawn``). Doing
    it again changes nothing. Raises ``BadToken`` for a link that is not ours, ``LogUnavailable`` when the log cannot be
    written: the stop holds all the same, and trying again completes it.
    """
    way_out = Links(home.secret()).read(token)
    whom = Address(fold_address(way_out.address), way_out.brand, way_out.channel)
    now = (clock or FileClock(home.clock_file)).now()
    with _state(home) as con:
        if _is_withdrawn(con, whom):
            return way_out
        _write(con, home, whom, "unsubscribed", now)
        told = log.append(withdrawal_events(way_out, _of_message(con, way_out.ledger), now))
        with transaction(con, home.gate("state")):
            con.execute(
                "UPDATE stop SET seq=? WHERE address=? AND brand=? AND channel=? AND cause='unsubscribed' AND at=?",
                (told.last_seq, whom.address, whom.brand, whom.channel, now),
            )
    return way_out


def read_way_out(home: Home, token: str) -> WayOut:
    """What an unsubscribe link is about, without doing anything; ``BadToken`` if it is not one of ours."""
    return Links(home.secret()).read(token)


def _write(con: Connection, home: Home, whom: Address, cause: str, at: int) -> None:
    with transaction(con, home.gate("state")):
        con.execute(
            "INSERT OR REPLACE INTO stop(address, brand, channel, cause, at, seq) VALUES (?, ?, ?, ?, ?, NULL)",
            (fold_address(whom.address), whom.brand, whom.channel, cause, at),
        )


def _is_withdrawn(con: Connection, whom: Address) -> bool:
    """Whether a stop is in force that the log knows of and no later consent has lifted."""
    row = con.execute(
        "SELECT 1 FROM stop LEFT JOIN consent USING (address, brand, channel)"
        " WHERE stop.address=? AND stop.brand=? AND stop.channel=? AND stop.cause='unsubscribed'"
        " AND stop.seq IS NOT NULL AND NOT (consent.status IS 'granted' AND consent.seq > stop.seq)",
        (whom.address, whom.brand, whom.channel),
    ).fetchone()
    return row is not None


def _of_message(con: Connection, ledger: str) -> dict[str, str]:
    row = con.execute("SELECT identity, journey, step, template, subject FROM message WHERE id=?", (ledger,)).fetchone()
    return dict(zip(("identity", "journey", "step", "template", "subject"), row, strict=True)) if row else {}


def _state(home: Home) -> closing[Connection]:
    return closing(connect(home.state_db, durable=True))
