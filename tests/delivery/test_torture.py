"""Real sender processes, killed and stopped at random moments. The mailbox's own record is the judge."""

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from anstoss.brands.public import MINUTE, FileClock, Settings, set_clock
from anstoss.delivery.public import Sender, beat, plan_many, serve
from anstoss.log.public import Log
from anstoss.store.public import transaction

from .shop import Shop, open_shop, planned

ROUNDS = int(os.environ.get("TORTURE_ROUNDS", "10"))
PATIENCE = 20.0
"""Real seconds that something may take on a busy machine before it counts as broken."""

pytestmark = [pytest.mark.torture, pytest.mark.slow]
# Children are forked from a clean server that has everything imported: a start takes milliseconds, and no open file or
# lock of the tests is inherited.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["anstoss.delivery.public"])


@pytest.fixture
def real_shop(tmp_path: Path) -> Shop:
    """A shop by the real clock."""
    shop = open_shop(tmp_path / "home", durable=True)
    shop.clock = FileClock(shop.home.clock_file)  # type: ignore[assignment]  # the real one, not told by the story
    shop.log = Log(shop.home, shop.clock)
    shop.beat()
    return shop


def start(shop: Shop) -> BaseProcess:
    child = processes.Process(target=serve, args=(shop.home, Settings()))
    child.start()
    return child


def plan_receipts(shop: Shop, names: range) -> None:
    now = shop.clock.now()
    with transaction(shop.con, shop.home.gate("state")):
        plan_many(
            shop.con,
            [planned(f"e{n}", n, now, template="receipt", purpose="transactional") for n in names],
        )
        beat(shop.con, shop.log.head(), now)


def until(what: Callable[[], bool]) -> None:
    """Wait for another process: this cannot be simulated."""
    patience = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < patience, "nothing happened"
        time.sleep(0.001)


def finish(shop: Shop) -> None:
    """Two minutes pass, every lease and grace is over, and one sender does what is left."""
    set_clock(shop.home.clock_file, shows=shop.clock.now() + 2 * MINUTE)
    clock = FileClock(shop.home.clock_file)
    with transaction(shop.con, shop.home.gate("state")):
        beat(shop.con, shop.log.head(), clock.now())
    sender = Sender(shop.home, Log(shop.home, clock), clock)
    while sender.run_once():
        pass


def judge(shop: Shop, planned_count: int) -> Counter[str]:
    """None twice, none lost except what is counted as uncertain; returns the states."""
    mailed = Counter(shop.mailed())
    assert [ledger for ledger, times in mailed.items() if times > 1] == []
    states = dict(shop.con.execute("SELECT id, state FROM message").fetchall())
    assert len(states) == planned_count
    assert set(states.values()) <= {"sent", "uncertain"}
    assert {ledger for ledger, state in states.items() if state == "sent"} <= set(mailed)
    told = {properties["message"] for properties in shop.properties("Message Handed")}
    assert set(mailed) <= told
    return Counter(states.values())


def test_senders_killed_at_random_moments_send_nothing_twice_and_lose_nothing(real_shop: Shop) -> None:
    random_moment = random.Random(7)  # noqa: S311  # moments, not secrets
    for number in range(ROUNDS):
        done = real_shop.mailbox.count()
        children = [start(real_shop), start(real_shop)]
        plan_receipts(real_shop, range(number * 150, (number + 1) * 150))
        until(lambda done=done: real_shop.mailbox.count() > done)  # type: ignore[misc]
        time.sleep(random_moment.uniform(0, 0.15))
        for child in children:
            child.kill()
            child.join()
    finish(real_shop)
    states = judge(real_shop, ROUNDS * 150)
    assert states["sent"] > states["uncertain"]


def test_two_senders_share_the_work(real_shop: Shop) -> None:
    children = [start(real_shop), start(real_shop)]
    plan_receipts(real_shop, range(400))
    until(lambda: real_shop.con.execute("SELECT count(*) FROM message WHERE state='sent'").fetchone()[0] == 400)
    holders = real_shop.con.execute("SELECT count(DISTINCT lease_by) FROM message").fetchone()[0]
    for child in children:
        child.terminate()
        child.join(PATIENCE)
    assert [child.exitcode for child in children] == [0, 0]
    assert judge(real_shop, 400) == {"sent": 400}
    assert holders == 2


def test_a_sender_stopped_beyond_its_lease_sends_nothing_twice(real_shop: Shop) -> None:
    random_moment = random.Random(11)  # noqa: S311  # moments, not secrets
    for number in range(3):
        done = real_shop.mailbox.count()
        child = start(real_shop)
        plan_receipts(real_shop, range(number * 150, (number + 1) * 150))
        until(lambda done=done: real_shop.mailbox.count() > done)  # type: ignore[misc]
        time.sleep(random_moment.uniform(0, 0.05))
        stall(real_shop, child)
        finish(real_shop)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGCONT)
        child.terminate()
        child.join(PATIENCE)
        assert child.exitcode == 0
    judge(real_shop, 450)


def stall(shop: Shop, child: BaseProcess) -> None:
    """Stop a sender, but not while it holds a write gate: then everybody waits, and nothing can go wrong."""
    assert child.pid is not None
    while True:
        os.kill(child.pid, signal.SIGSTOP)
        until(lambda: Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
        gates = [shop.home.gate(name) for name in ("state", "log", "mailbox")]
        free = [gate.try_enter() for gate in gates]
        for gate in gates:
            gate.close()
        if all(free):
            return
        os.kill(child.pid, signal.SIGCONT)
