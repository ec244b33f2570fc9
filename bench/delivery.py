"""How fast messages leave: from the outbox through gate, letter, ledger and log into the mailbox.

Run alone with ``python -m bench.delivery [quick]``.
"""

import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from anstoss.brands.public import DAY, Brand, FileClock, LegalEntity, Settings, open_brands
from anstoss.content.public import compile_template, playbook, render
from anstoss.customers.tables import create_tables as create_customer_tables
from anstoss.delivery.channel import Parcel
from anstoss.delivery.public import Mailbox, Planned, Sender, beat, create_tables, plan_many, serve
from anstoss.log.public import Log
from anstoss.store.public import Home, connect, transaction
from bench.row import Row

BULK = 6_000
SINGLE = 300
WARM = 500
TEMPLATE = "basket-reminder"
ENTITY = LegalEntity(
    "Berg", "GmbH", "Weg 7", "80331", "München", email="service@berg.example", represented_by="A. Berg"
)
BRAND = Brand("berg", "Berg", ENTITY, sender_name="Berg", sender_address="post@berg.example")
CONTEXT = {
    "customer": {"first_name": "Zoë", "traits": {}},
    "event": {"order_id": "K-1"},
    "products": [{"name": f"Regenjacke {n}", "price": 12990, "url": "https://berg.example/p"} for n in range(3)],
}


class Bench:
    """A home with one brand, the playbook's templates and ``people`` who agreed."""

    def __init__(self, folder: Path, people: int) -> None:
        self.home = Home(folder)
        self.home.create()
        self.clock = FileClock(self.home.clock_file)
        open_brands(self.home).add_brand(BRAND)
        self.con = connect(self.home.state_db, durable=False)
        with transaction(self.con, self.home.gate("state")):
            create_tables(self.con)
            create_customer_tables(self.con)
            self.con.execute(
                "CREATE TABLE IF NOT EXISTS definition(kind TEXT, key TEXT, version INTEGER, body TEXT,"
                " published_at INTEGER, seq INTEGER, active INTEGER, PRIMARY KEY(kind, key, version))"
            )
            body = json.dumps(asdict(playbook()[TEMPLATE]))
            self.con.execute("INSERT INTO definition VALUES ('template', ?, 1, ?, 0, 0, 1)", (TEMPLATE, body))
            agreed = [(f"p{person}@example.org",) for person in range(people)]
            self.con.executemany("INSERT INTO consent VALUES (?, 'berg', 'email', 'granted', 0, 1)", agreed)
        self.beat()

    def beat(self) -> None:
        """The pulse has caught up."""
        with transaction(self.con, self.home.gate("state")):
            beat(self.con, 0, self.clock.now())

    def plan(self, people: range) -> None:
        """Plan one message for each of these people, due now."""
        now = self.clock.now()
        with transaction(self.con, self.home.gate("state")):
            plan_many(self.con, [_planned(person, now) for person in people])

    def count(self, state: str) -> int:
        """How many messages are in this state."""
        row = self.con.execute("SELECT count(*) FROM message WHERE state = ?", (state,)).fetchone()
        return int(row[0])


def _planned(person: int, now: int) -> Planned:
    return Planned(
        journey="basket",
        step="remind",
        entry=f"e{person}",
        person=person,
        identity=f"user:berg/{person}",
        template=TEMPLATE,
        template_version=1,
        brand="berg",
        address=f"p{person}@example.org",
        lang="de",
        planned_at=now,
        not_before=now,
        not_after=now + DAY,
        context=json.dumps(CONTEXT).encode(),
    )


def _measured(count: int, act: Callable[[], object]) -> tuple[float, float]:
    """How many a second by the clock on the wall, and by this process's own CPU time (for a busy machine)."""
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return count / (time.perf_counter() - wall), count / (time.process_time() - cpu)


def bulk(folder: Path, count: int) -> list[Row]:
    """One sender, everything durable, beside rendering alone and beside storing the same bytes."""
    bench = Bench(folder / "bulk", count)
    sender = Sender(bench.home, Log(bench.home, bench.clock), bench.clock)
    bench.plan(range(WARM))
    while sender.run_once():  # compiled and warm
        pass
    bench.plan(range(WARM, count))

    def send() -> None:
        while sender.run_once():
            bench.beat()

    sent = _measured(count - WARM, send)
    assert bench.count("sent") == count, "not everything was sent"
    compiled = compile_template(playbook()[TEMPLATE], BRAND)
    context = {**CONTEXT, "links": {"unsubscribe": "https://b.example/u/x", "preferences": "https://b.example/u/x"}}
    rendered = _measured(1_000, lambda: [render(compiled, context, "de") for _ in range(1_000)])
    letter = Mailbox(bench.home).get(1)
    assert letter is not None
    other = Mailbox(Home(_made(folder / "bare")))
    parcel = Parcel("l", "m", "r", "s", letter.raw, 0)
    stored = _measured(5_000, lambda: [other.deliver([parcel] * 200) for _ in range(25)])
    what = "outbox to mailbox, one sender, with gate, letter and ledger"
    return [
        Row(what, sent[0], "messages/s", reference=rendered[0], beside="rendering alone"),
        Row(what, sent[0], "messages/s", reference=stored[0], beside="storing the same bytes, 200 to a commit"),
        Row(f"{what}, CPU", sent[1], "messages/CPU s", reference=rendered[1], beside="rendering alone"),
    ]


def latency(folder: Path, count: int) -> list[Row]:
    """A sender process at rest, one message planned at a time: planned to ``Message Handed`` in the log."""
    bench = Bench(folder / "single", count)
    log = Log(bench.home, bench.clock)
    child = multiprocessing.get_context("spawn").Process(target=serve, args=(bench.home, Settings()))
    child.start()
    try:
        waits = [_one(bench, log, person) for person in range(count)][20:]
    finally:
        child.terminate()
        child.join()
    p50, p99 = statistics.median(waits), statistics.quantiles(waits, n=100)[98]
    what = "planned to handed over, sender at rest"
    return [Row(f"{what}, p50", p50, "ms", at_most=True), Row(f"{what}, p99", p99, "ms", at_most=True)]


def _one(bench: Bench, log: Log, person: int) -> float:
    bench.beat()
    head = log.head()
    bench.plan(range(person, person + 1))
    planned_at = bench.con.execute("SELECT planned_at FROM message WHERE person = ?", (person,)).fetchone()[0]
    while not (events := log.read(head, 1)):
        time.sleep(0.001)
    while bench.count("sent") <= person:
        time.sleep(0.005)
    return (events[0].received_at - planned_at) / 1000


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def run(quick: bool = False) -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as folder:
        return bulk(Path(folder), 1_500 if quick else BULK) + latency(Path(folder), 60 if quick else SINGLE)


if __name__ == "__main__":
    for row in run("quick" in sys.argv):
        print(f"{row.figure:>10,.1f} {row.unit:<15} {row.what}")
