"""How fast the warehouse is fed, how much of a core the live feed takes, and what a question through the socket costs.

Run alone with ``python -m bench.warehouse [quick]``.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from anstoss.customers.public import create_tables
from anstoss.store.public import Connection, Home, connect, transaction
from anstoss.warehouse.public import EngineSocket, Projector, Questions, ask
from bench.row import Row

DAY = 86_400_000_000
FACTS_A_PERSON = 20
LIVE_RATE = 5_000
CATCH_UP = 100_000


def body(chance: random.Random, order: bool) -> bytes:
    """What a view or an order of a shop carries."""
    product = {"product_id": f"p{chance.randrange(5000)}", "category": "outdoor/jackets", "name": "jacke wetterfest"}
    props = {"context.locale": "de-de", "path": f"/p/{chance.randrange(5000)}", "referrer": "https://www.example.org/"}
    if not order:
        return msgspec.msgpack.encode([props | product | {"price": chance.randrange(90_000)}, []])
    lines = [product | {"price": 4990, "quantity": 1, "sku": "s1"} for _ in range(3)]
    return msgspec.msgpack.encode([{"order_id": f"o{chance.random()}", "revenue": 14970, "currency": "eur"}, lines])


def write(con: Connection, home: Home, first: int, count: int, persons: int, *, announced: bool) -> None:
    """``count`` facts from position ``first`` on, one in ten an order, spread over ``persons``."""
    chance = random.Random(first)  # noqa: S311  repeatable, not secret
    bodies = [body(chance, order=i % 10 == 0) for i in range(1000)]
    facts = []
    for seq in range(first, first + count):
        at = seq * 1_000_000
        kind = "Order Completed" if seq % 10 == 0 else "Product Viewed"
        person = chance.randrange(persons)
        facts.append((person, seq, 0, at, kind, "shop", at // DAY, 12, bodies[seq % 1000]))
    with transaction(con, home.gate("state")):
        con.executemany("INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", sorted(facts))
        known = "INSERT OR IGNORE INTO person(person, first_at, profile, standing) VALUES (?, ?, '', '')"
        con.executemany(known, [(fact[0], fact[3]) for fact in facts])
        if announced:
            con.executemany("INSERT INTO outflow(person, seq, n) VALUES (?, ?, ?)", [fact[:3] for fact in facts])


def run(quick: bool = False) -> list[Row]:
    """The rows of the table."""
    facts = 50_000 if quick else 500_000
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.create()
        con = connect(home.state_db, durable=False)
        create_tables(con)
        persons = max(1, facts // FACTS_A_PERSON)
        for first in range(0, facts, 200_000):
            write(con, home, first, min(200_000, facts - first), persons, announced=False)
        fetched = reference(con, facts)
        began, worked = time.perf_counter(), time.process_time()
        projector = Projector(home)
        took, worked = time.perf_counter() - began, time.process_time() - worked
        beside = "fetching the same rows from SQLite and nothing else"
        rows = [
            Row("warehouse rebuilt", facts / took, "facts/s", None, fetched, beside, note=f"{facts:,} facts"),
            Row("warehouse rebuilt, CPU of all threads", facts / worked, "facts/CPU s"),
        ]
        rows += [bulk(home, con, projector, facts, persons), *live(home, con, projector, facts + CATCH_UP, persons)]
        rows += asked(home, projector)
        projector.close()
        con.close()
    return rows


def reference(con: Connection, facts: int) -> float:
    """What the feed cannot beat, in facts a second: fetching the same rows from SQLite and nothing else."""
    began, cursor = time.perf_counter(), con.execute("SELECT * FROM history")
    while cursor.fetchmany(4_096):
        pass
    return facts / (time.perf_counter() - began)


def bulk(home: Home, con: Connection, projector: Projector, first: int, persons: int) -> Row:
    """Catching up on a long outflow, including its deletion."""
    count = CATCH_UP
    write(con, home, first, count, persons, announced=True)
    began = time.perf_counter()
    projector.catch_up(con, home.gate("state"))
    return Row("warehouse catching up, outflow deleted", count / (time.perf_counter() - began), "facts/s")


def live(home: Home, con: Connection, projector: Projector, first: int, persons: int) -> list[Row]:
    """One projection a second at the live rate: the work of each, as a share of a core."""
    works = {"project": 0.0, "consume": 0.0}
    rounds = 10
    for turn in range(rounds):
        write(con, home, first + turn * LIVE_RATE, LIVE_RATE, persons, announced=True)
        began = time.process_time()
        projector.project(con)
        between = time.process_time()
        projector.consumed(con, home.gate("state"))
        works["project"] += between - began
        works["consume"] += time.process_time() - between
    note = f"{LIVE_RATE:,} facts/s, each second"
    return [
        Row(f"warehouse fed live, {name}", 100 * work / rounds, "% of a core", at_most=True, note=note)
        for name, work in works.items()
    ]


def asked(home: Home, projector: Projector) -> list[Row]:
    """Questions through the socket: the smallest, and one over everyone."""
    door = EngineSocket(home, Questions(projector, lambda body: str(body)))
    rows = []
    for name, parameters, times in (("stage_sizes", {"as_of": 0}, 100), ("rule_count", None, 10)):
        rule = "SELECT f.person FROM facts f WHERE f.name = 'Order Completed' GROUP BY f.person HAVING count(*) >= 2"
        values = parameters or {"rule": rule, "now": 0}
        began = time.perf_counter()
        for _ in range(times):
            ask(home, name, **values)
        took = 1000 * (time.perf_counter() - began) / times
        rows.append(Row(f"warehouse asked through its socket: {name}", took, "ms", at_most=True))
    door.close()
    return rows


if __name__ == "__main__":
    for line in run("quick" in sys.argv):
        print(f"{line.figure:>12,.1f} {line.unit:<12} {line.what}")
