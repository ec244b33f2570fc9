"""What must hold after everything was killed many times."""

import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import orjson
from tests.pulse.homes import Shop
from tests.pulse.test_invariants import rebuilt, same_state

from anstoss.brands.public import ManualClock
from anstoss.delivery.public import Mailbox
from anstoss.log.public import Event
from anstoss.store.public import Home
from anstoss.warehouse.file import content_hash
from anstoss.warehouse.public import Projector

from .instance import Instance

OUTCOMES = {"sent", "not_sent", "failed", "uncertain", "sent_before_restore"}


def judge(instance: Instance, acknowledged: Iterable[str]) -> Counter[str]:
    """Every promise, held against log, mailbox, state and warehouse; returns the messages by outcome."""
    rows = instance.log.read(0, 10_000_000)
    _is_there_once(rows, list(acknowledged))
    states = _messages(instance, rows)
    for leftover in ("engine.sock", "web.sock"):
        (instance.path / leftover).unlink(missing_ok=True)
    _is_what_a_rebuild_gives(instance)
    _warehouse_is_what_a_rebuild_gives(instance.home)
    return states


def _is_there_once(rows: list[Event], acknowledged: list[str]) -> None:
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1)), "no position is left out"
    times = Counter((row.source, row.message_id) for row in rows)
    assert [which for which, count in times.items() if count > 1] == []
    outside = {row.message_id for row in rows if row.origin == "outside"}
    assert [each for each in acknowledged if each not in outside] == [], "acknowledged and lost"


def _messages(instance: Instance, rows: list[Event]) -> Counter[str]:
    mailed = Counter(mail.ledger for mail in Mailbox(instance.home).list(1_000_000))
    assert [ledger for ledger, times in mailed.items() if times > 1] == [], "sent twice"
    told = {name: _told(rows, name) for name in ("Message Handed", "Message Sent", "Message Not Sent")}
    states = dict(instance.con.execute("SELECT id, state FROM message").fetchall())
    assert set(states.values()) <= OUTCOMES
    assert set(mailed) <= told["Message Handed"] & set(states)
    assert {ledger for ledger, state in states.items() if state == "sent"} <= set(mailed) & told["Message Sent"]
    assert told["Message Sent"] <= set(mailed)
    assert {ledger for ledger, state in states.items() if state == "not_sent"} == told["Message Not Sent"]
    assert told["Message Handed"] & told["Message Not Sent"] == set(), "sent and not sent"
    reasons = instance.con.execute("SELECT count(*) FROM message WHERE state = 'not_sent' AND reason = ''")
    restored = instance.con.execute("SELECT count(*) FROM message WHERE state = 'sent_before_restore'").fetchone()[0]
    assert restored or reasons.fetchone()[0] == 0, "every non-message has a reason"
    return Counter(states.values())


def _told(rows: list[Event], name: str) -> set[str]:
    return {orjson.loads(row.payload)["properties"]["message"] for row in rows if row.name == name}


def _is_what_a_rebuild_gives(instance: Instance) -> None:
    lived = Shop(instance.path, clock=ManualClock(instance.clock.now())).caught_up()
    head = lived.log.head()
    again, done = rebuilt(lived, instance.path.with_name("rebuilt"), 1_000)
    assert again.log.head() == head, "a rebuild logs nothing new"
    assert done == lived.engine_rows(), "and regenerates what the engine logged"
    same_state(Derived(lived), Derived(again))  # type: ignore[arg-type]  # all that is asked of it
    shutil.rmtree(again.path)


class Derived:
    """A shop's state without what the sender wrote down: that is told again by the log, not regenerated."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def state(self) -> dict[str, list[tuple[object, ...]]]:
        """Table by table."""
        messages = self._shop.rows("SELECT id, person, identity, template, planned_at, context FROM message ORDER BY 1")
        return {**self._shop.state(), "message": messages}


def _warehouse_is_what_a_rebuild_gives(home: Home) -> None:
    lived = Shop(home.path)
    projector = Projector(home)
    try:
        projector.catch_up(lived.con, home.gate("state"))
        projected = content_hash(projector.shelf.connection)
        projector.rebuild()
        assert content_hash(projector.shelf.connection) == projected
    finally:
        projector.close()


def copied(home: Home, to: Path) -> None:
    """A backup of ``state.db`` as an operator would make it, while everything runs."""
    from anstoss.store.public import connect, sqlite3

    source, target = connect(home.state_db), sqlite3.connect(to)
    source.backup(target)
    source.close()
    target.close()
