"""Consent as folded from events: per address, brand and channel, the newest statement deciding.

Consent belongs to an address, never to a person, so that joining two persons widens nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from anstoss.customers.facts import Fact, fold_text
from anstoss.store.public import Connection

CONSENT_EVENTS = {"Consent Granted": "granted", "Consent Withdrawn": "withdrawn", "Unsubscribed": "withdrawn"}
"""Events that are a word on consent, and what they say."""


@dataclass(frozen=True)
class ConsentChange:
    """A statement of consent or its withdrawal for one address."""

    address: str
    brand: str
    channel: str
    status: str
    at: int
    seq: int


def normal_address(address: object) -> str:
    """The form in which addresses are compared; empty for what is none."""
    return fold_text(address) if isinstance(address, str) else ""


def consent_change(fact: Fact, properties: Mapping[str, object], known_address: str) -> ConsentChange | None:
    """The change that a fact makes to the ledger, or none. Without an address of its own it means the known one."""
    status = CONSENT_EVENTS.get(fact.name)
    if status is None:
        return None
    stated = (normal_address(each) for each in (properties.get("email"), properties.get("address"), known_address))
    address = next(filter(None, stated), "")
    if not address:
        return None
    channel = str(fact.props.get("channel", "email"))
    brand = str(fact.props.get("brand", fact.brand))
    return ConsentChange(address, brand, channel, status, fact.at, fact.seq)


def record_consents(con: Connection, changes: list[ConsentChange]) -> None:
    """Write changes to the ledger's present state; an older statement that arrives late changes nothing."""
    con.executemany(
        "INSERT INTO consent VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(address, brand, channel) DO UPDATE SET"
        " status = excluded.status, at = excluded.at, seq = excluded.seq"
        " WHERE (excluded.at, excluded.seq) >= (consent.at, consent.seq)",
        [(change.address, change.brand, change.channel, change.status, change.at, change.seq) for change in changes],
    )


def consents_of(con: Connection, addresses: list[str]) -> list[ConsentChange]:
    """The present state for some addresses, by brand and channel."""
    marks = ",".join("?" * len(addresses))
    rows = con.execute(
        f"SELECT address, brand, channel, status, at, seq FROM consent WHERE address IN ({marks})"  # noqa: S608 - marks
        " ORDER BY address, brand, channel",
        [normal_address(address) for address in addresses],
    )
    return [ConsentChange(*row) for row in rows.fetchall()]
