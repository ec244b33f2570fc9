"""The pulse: events sustained through everything, and journey steps in bulk beside claiming one row at a time.

Run alone with ``python -m bench.pulse [quick]``.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from anstoss.brands.public import HOUR, ManualClock, open_brands
from anstoss.demo.public import FERNWALD
from anstoss.log.public import Log, NewEvent
from anstoss.pulse.public import Pulse, publish
from anstoss.store.public import Home, connect, read_documents
from bench.row import Row
from bench.shop import START, BusyShop

HOURS = 8
_WAITS = f"""
journey: waiting
name: {{de: Warten, en: Waiting}}
start: {{on: Checkout Started}}
steps: [{", ".join(["wait: 1h"] * (HOURS + 1))}]
"""


def run(quick: bool = False) -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as folder:
        return [*sustained(Path(folder, "busy"), 2_000 if quick else 20_000), *steps(Path(folder), quick)]


def sustained(folder: Path, people: int) -> Iterator[Row]:
    """A lag caught up: fold, stages, segments, journeys, and what the engine did appended to the log durably."""
    busy = BusyShop(folder, people)
    warm, count = people // 4, people * 2
    for what, tell in (("rush hour", busy.rush), ("months in fast motion", busy.tell)):
        tell(warm)  # compiled rules, people in memory
        busy.pulse.catch_up()
        head = busy.log.head()
        tell(count)
        wall, work = _timed(busy.pulse.catch_up)
        engine = busy.log.head() - head - count
        what = f"events through fold, stages, 20 segments, 6 journeys: {what}"
        note = f"{people:,} people; {engine / count:.1f} engine events in the log for each"
        yield Row(what, count / wall, "events/s", target=5_000, note=note)
        yield Row(f"{what}, CPU", count / work, "events/CPU s", target=5_000)
    busy.close()


def steps(folder: Path, quick: bool) -> Iterator[Row]:
    """Everybody waits an hour in a journey, again and again, and all are due at once."""
    people = 500 if quick else 5_000
    pulse, clock = waiting(folder / "waiting", people)
    wall = work = 0.0
    for _ in range(HOURS):
        clock.advance(HOUR)
        took, worked = _timed(pulse.catch_up)
        wall, work = wall + took, work + worked
    row = pulse.con.execute("SELECT sum(due IS NOT NULL), count(*) FROM enrolment").fetchone()
    assert row == (people, people), "everybody waits for the last step"
    pulse.close()
    one = claimed(folder / "claimed.db", 200 if quick else 1_000)
    beside = "one row claimed at a time, durable"
    yield Row("journey steps in bulk, one to a wake-up", HOURS * people / wall, "steps/s", 20_000, one[0], beside)
    yield Row("the same, CPU", HOURS * people / work, "steps/CPU s", 20_000, one[1], beside)


def waiting(folder: Path, people: int) -> tuple[Pulse, ManualClock]:
    """A home where so many people are enrolled in a journey that only waits."""
    home, clock = Home(folder), ManualClock(START)
    home.create()
    open_brands(home).add_brand(FERNWALD)
    log = Log(home, clock)
    pulse = Pulse(home, log, clock)
    publish(home, log, clock, read_documents(_WAITS))
    payload = orjson.dumps({"properties": {"order_id": "B1"}})
    who = [(f"user:{FERNWALD.key}/{number}",) for number in range(people)]
    log.append(
        [
            NewEvent("bench", f"b{number}", key, "track", "Checkout Started", FERNWALD.key, START, payload)
            for number, key in enumerate(who)
        ]
    )
    pulse.catch_up()
    return pulse, clock


def claimed(file: Path, count: int) -> tuple[float, float]:
    """Steps a second, and a CPU second, when each due row is claimed, moved on and committed by itself."""
    con = connect(file, durable=True)
    con.execute("CREATE TABLE enrolment(id INTEGER PRIMARY KEY, step INTEGER, due INTEGER, context TEXT)")
    con.execute("CREATE INDEX due ON enrolment(due)")
    con.execute("BEGIN")
    con.executemany("INSERT INTO enrolment VALUES (?, 0, ?, ?)", ((n, n, "x" * 200) for n in range(count)))
    con.execute("COMMIT")

    def claim() -> None:
        for _ in range(count):
            con.execute("BEGIN IMMEDIATE")
            row = con.execute("SELECT id, step FROM enrolment WHERE due < ? ORDER BY due LIMIT 1", (count,)).fetchone()
            con.execute("UPDATE enrolment SET step = ?, due = due + ? WHERE id = ?", (row[1] + 1, count, row[0]))
            con.execute("COMMIT")

    wall, work = _timed(claim)
    con.close()
    return count / wall, count / work


def _timed(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock on the wall, and of this process's own CPU time (for a busy machine)."""
    wall, work = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - wall, time.process_time() - work


if __name__ == "__main__":
    for line in run("quick" in sys.argv):
        print(f"{line.figure:>12,.0f} {line.unit:<14} {line.what}")
