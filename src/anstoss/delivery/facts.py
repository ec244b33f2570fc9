"""What the gate must know, read from ``state.db`` for many messages at once.

To be read inside the transaction that acts on the decision: then no withdrawal and no other sender can come between.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence

import orjson

from anstoss.delivery.gate import Consent, Facts, Policy, Request, Stop
from anstoss.delivery.states import Message
from anstoss.store.public import Connection

EVERY = "*"
"""In a stop: every brand, or every channel."""
_IN = "IN (SELECT value FROM json_each(?))"


def fold_address(address: str) -> str:
    """The form in which addresses are compared: stops and consents are kept under it."""
    return unicodedata.normalize("NFC", address.strip()).casefold()


def request(message: Message) -> Request:
    """The gate's view of a message."""
    return Request(message.address, message.brand, message.channel, message.purpose, message.not_after)


def fold_lag(con: Connection, now: int) -> int:
    """For how long the pulse has not had every event folded, in microseconds; endless if it never ran."""
    beat = con.execute("SELECT caught_up_at FROM pulse_beat WHERE id = 1").fetchone()
    return max(0, now - beat[0]) if beat else now


class View:
    """The facts about the people of some messages, at one instant. ``lag`` is how far the fold is behind."""

    def __init__(self, con: Connection, messages: Sequence[Message], now: int, lag: int, policy: Policy) -> None:
        self._now = now
        self._lag = lag
        addresses = orjson.dumps(sorted({fold_address(message.address) for message in messages})).decode()
        self._stops = _stops(con, addresses)
        self._consents = _consents(con, addresses)
        self._recent = _recent(con, messages, now - policy.memory)

    def facts(self, message: Message, zone: str) -> Facts:
        """What the gate needs to decide on this message."""
        address = fold_address(message.address)
        return Facts(
            now=self._now,
            consent=self._consents.get((address, message.brand, message.channel)),
            stops=tuple(stop for holds, stop in self._stops[address] if holds(message)),
            recent=tuple(self._recent[message.person]),
            lag=self._lag,
            zone=zone,
        )

    def note_handed(self, message: Message) -> None:
        """Count a message handed over at this instant, so that the next one to the same person sees it."""
        if message.purpose != "transactional":
            self._recent[message.person].append(self._now)


def _stops(con: Connection, addresses: str) -> dict[str, list[tuple[Callable[[Message], bool], Stop]]]:
    found: dict[str, list[tuple[Callable[[Message], bool], Stop]]] = defaultdict(list)
    rows = con.execute(f"SELECT address, brand, channel, cause, seq FROM stop WHERE address {_IN}", (addresses,))  # noqa: S608  # a constant
    for address, brand, channel, cause, seq in rows.fetchall():
        found[address].append((_scope(brand, channel), Stop(cause, seq)))
    return found


def _scope(brand: str, channel: str) -> Callable[[Message], bool]:
    return lambda message: brand in (EVERY, message.brand) and channel in (EVERY, message.channel)


def _consents(con: Connection, addresses: str) -> dict[tuple[str, str, str], Consent]:
    rows = con.execute(f"SELECT address, brand, channel, status, seq FROM consent WHERE address {_IN}", (addresses,))  # noqa: S608  # a constant
    return {(address, brand, channel): Consent(status, seq) for address, brand, channel, status, seq in rows.fetchall()}


def _recent(con: Connection, messages: Sequence[Message], since: int) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    persons = orjson.dumps(sorted({message.person for message in messages})).decode()
    rows = con.execute(
        f"SELECT person, handed_at FROM message WHERE person {_IN} AND handed_at > ? AND purpose = 'marketing'"  # noqa: S608  # a constant
        " AND state <> 'failed'",
        (persons, since),
    )
    for person, handed_at in rows.fetchall():
        found[person].append(handed_at)
    return found
