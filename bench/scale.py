"""One million customers with twenty million events: memory of all processes, and an ad hoc rule through the engine.

The home is made directly: facts, persons and identities are written to ``state.db`` in bulk, as the pulse would have
left them, and the warehouse is built from them by its own code. The log holds only what is sent during the bench, and
nobody waits for a change by time alone. Takes minutes and about 10 GB of disk, so it runs only when asked for:
``anstoss bench --only scale``, or ``python -m bench.scale [people]``.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from anstoss.brands.public import DAY, HOUR, FileClock
from anstoss.customers.public import Profile, person_number
from anstoss.demo.instance import open_shop, put_in_force
from anstoss.demo.public import FERNWALD
from anstoss.log.public import Log
from anstoss.pulse.public import Pulse
from anstoss.rules.public import Vocabulary, compile_rule, sql
from anstoss.store.public import Connection, Home, read_document, transaction
from anstoss.warehouse.public import Projector, ask
from bench.latency import load
from bench.processes import memory, running
from bench.row import Row

OPTIONAL = True
EACH = 20
SECONDS = 20
"""How long events are sent while memory is looked at, at the rate of the latency bench."""
RULE = """
all:
  - did: {event: Order Completed, at_least: 3, within: 365d}
  - did_not: {event: Product Viewed, within: 60d, where: {category: {under: Outdoor}}}
  - did: {event: Order Completed, within: 365d, sum: {of: revenue, above: 200}}
"""
BY_HAND = """
SELECT person FROM facts WHERE name = 'Order Completed' AND "at" > $now - 365 * $day AND "at" <= $now
GROUP BY person HAVING count(*) >= 3 AND sum(revenue) > 20000 AND person NOT IN (
  SELECT person FROM facts WHERE name = 'Product Viewed' AND "at" > $now - 60 * $day AND "at" <= $now
    AND (category = 'outdoor' OR category LIKE 'outdoor/%'))
"""
_NAMES = ("Product Viewed",) * 13 + ("Page Viewed",) * 2 + ("Product Added",) * 2 + ("Order Completed",) * 3
_CATEGORIES = ("outdoor", "outdoor/jacken", "haus", "haus/küche", "garten", "sport")
_encode = msgspec.msgpack.Encoder().encode


def run(quick: bool = False, people: int = 1_000_000) -> list[Row]:
    """The rows of the table."""
    people = 20_000 if quick else people
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        key = open_shop(home, "http://127.0.0.1:1")
        now = _fill(home, people)
        began = time.perf_counter()
        projector = Projector(home)
        size = f"{people:,} people, {people * EACH:,} events"
        built = Row("warehouse built", people * EACH / (time.perf_counter() - began), "facts/s", note=size)
        asked = _asked(projector, now, size)
        projector.close()
        return [built, asked, *_used(home, key, size, now)]


def _fill(home: Home, people: int) -> int:
    """Make the home; returns the instant at which its people stand."""
    clock = FileClock(home.clock_file)
    log = Log(home, clock)
    pulse = Pulse(home, log, clock, bulk=True)
    put_in_force(home, log, clock)
    pulse.catch_up()
    now, era, con = clock.now(), pulse.position, pulse.con
    with transaction(con, home.gate("state")):
        _people(con, people, now, era)
    with transaction(con, home.gate("state")):
        _history(con, now)
    pulse.close()
    log.close()
    return now


def _people(con: Connection, people: int, now: int, era: int) -> None:
    who = sorted((person_number(key), key) for key in (f"user:{FERNWALD.key}/{n}" for n in range(people)))
    profile = _encode(Profile())
    con.execute("CREATE TEMP TABLE place(number INTEGER PRIMARY KEY, person INTEGER)")
    con.executemany("INSERT INTO place VALUES (?, ?)", enumerate(person for person, _ in who))
    first = now - 730 * DAY
    rows = (
        (person, first, None, era, key, profile, _encode((person, 1, first, FERNWALD.key, [key], -1, 0, era)))
        for person, key in who
    )
    con.executemany("INSERT INTO person VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    con.executemany("INSERT INTO identity VALUES (?, ?, 1)", sorted((key, person) for person, key in who))


def _history(con: Connection, now: int) -> None:
    """Twenty facts for everybody, spread over two years. Their places lie before the log's first row."""
    con.execute("CREATE TEMP TABLE kind(turn INTEGER, choice INTEGER, name TEXT, body BLOB, PRIMARY KEY(turn, choice))")
    kinds = ((turn, choice, name, _body(name, choice)) for turn, name in enumerate(_NAMES) for choice in range(101))
    con.executemany("INSERT INTO kind VALUES (?, ?, ?, ?)", kinds)
    # Multiplying by primes and taking remainders scatters times and products without a random number for each row.
    con.execute(
        """
        INSERT INTO history
        SELECT person, -1 - number * 20 - turn, 0, at, name, ?, at / ?, at % ? / ?, body FROM (
          SELECT person, number, turn.value AS turn, (number * 31 + turn.value * 17) % 101 AS choice,
            ? - (number * 7919 + turn.value * 104729) % 63072000 * 1000000 AS at
          FROM place CROSS JOIN json_each('[19,18,17,16,15,14,13,12,11,10,9,8,7,6,5,4,3,2,1,0]') AS turn
        ) CROSS JOIN kind USING (turn, choice)
        """,
        (FERNWALD.key, DAY, DAY, HOUR, now),
    )


def _body(name: str, choice: int) -> bytes:
    product = {"product_id": f"p{choice}", "category": _CATEGORIES[choice % len(_CATEGORIES)], "name": "jacke eibsee"}
    if name != "Order Completed":
        return _encode(({**product, "price": 1_000 + choice * 100, "url": f"https://shop.example/p/{choice}"}, []))
    revenue = 2_000 + choice * 150
    return _encode(({"order_id": f"b{choice}", "revenue": revenue}, [{**product, "price": revenue, "quantity": 1}]))


def _asked(projector: Projector, now: int, size: str) -> Row:
    query = sql(compile_rule(read_document(RULE), Vocabulary()))
    with projector.shelf.cursor() as cursor:
        found, took = _best(lambda: cursor.execute(query, {"now": now}).fetchall())
        same, hand = _best(lambda: cursor.execute(BY_HAND, {"now": now, "day": DAY}).fetchall())
    assert found == same > 0, f"the rule finds {found} people, the query by hand {same}"
    what = f"ad hoc rule, three behavioural conditions, {size}"
    return Row(what, took, "ms", hand * 1.5, hand, "SQL by hand", at_most=True, note="facts lie by person")


def _used(home: Home, key: str, size: str, now: int) -> Iterator[Row]:
    with running(home, ("collect", "web", "pulse", "delivery")) as (port, pids):
        answered = asyncio.run(load(port, key, SECONDS))
        assert answered
        _, waited = _best(lambda: ask(home, "rule_count", rule=read_document(RULE), now=now).to_pylist())
        used = memory(pids)
    each = ", ".join(f"{room} {rss:,.0f}" for room, (rss, _) in used.items())
    yield Row("the same asked through the engine's socket", waited, "ms", at_most=True)
    total, share = (sum(sizes) for sizes in zip(*used.values(), strict=True))
    what = f"memory of all four processes, {size}"
    yield Row(f"{what}, resident", total, "MB", 3_000, at_most=True, note=each)
    yield Row(f"{what}, proportional", share, "MB", at_most=True)


def _best(call: Callable[[], list[object]]) -> tuple[int, float]:
    """How many rows, and the best of five runs in milliseconds."""
    times, count = [], 0
    for _ in range(5):
        began = time.perf_counter()
        count = len(call())
        times.append((time.perf_counter() - began) * 1000)
    return count, min(times)


if __name__ == "__main__":
    for row in run(people=int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000):
        print(f"{row.figure:>12,.0f} {row.unit:<8} {row.what}; {row.note}")
