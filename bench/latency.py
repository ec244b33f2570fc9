"""From the HTTP answer to the message: the real processes under 500 events a second.

Each tenth event is the trigger of a journey that only sends; for each of those people, a segment is entered too. The
answer is when the client has read it; handed over is when the log stamped ``Message Handed``; both by one clock.

Run alone with ``python -m bench.latency [quick]``.
"""

import asyncio
import base64
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import orjson

from anstoss.brands.public import SECOND, FileClock
from anstoss.demo.instance import open_shop, put_in_force
from anstoss.demo.public import FERNWALD, WEBSITE
from anstoss.log.public import Log, NewEvent
from anstoss.pulse.public import Pulse, publish
from anstoss.store.public import Home, read_documents
from bench.processes import running
from bench.row import Row

RATE, CONNECTIONS, TRIGGERS = 500, 10, 10
WARM = 3
"""Seconds at the start that do not count."""
_DEFINITIONS = """
segment: at-the-till
rule: {did: {event: Checkout Started, within: 3d}}
---
journey: at-once
name: {de: Sofort, en: At once}
start: {on: Checkout Started}
again: {after: 1h}
steps: [{send: basket-nudge}]
"""


def run(quick: bool = False) -> list[Row]:
    """The rows of the table."""
    seconds = 8 if quick else 40
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        key = open_shop(home, "http://127.0.0.1:1")
        clock = FileClock(home.clock_file)
        log = Log(home, clock)
        _prepare(home, log, clock, seconds * RATE // TRIGGERS)
        with running(home, ("collect", "pulse", "delivery")) as (port, _):
            answered = asyncio.run(load(port, key, seconds))
            time.sleep(2)
        waits = {name: _waits(log, name, answered) for name in ("Segment Entered", "Message Handed")}
        log.close()
    return [row for name, what in _WHATS.items() for row in _rows(what, waits[name], len(answered))]


_WHATS = {
    "Segment Entered": "answered to membership changed (as the log says it)",
    "Message Handed": "answered to message handed over",
}


def _rows(what: str, waits: list[float], expected: int) -> Iterator[Row]:
    assert len(waits) == expected, f"{what}: {len(waits)} of {expected}"
    what += f", {RATE} events/s"
    yield Row(f"{what}, p50", statistics.median(waits), "ms", 50, at_most=True)
    yield Row(f"{what}, p99", statistics.quantiles(waits, n=100)[98], "ms", 250, at_most=True)


def _prepare(home: Home, log: Log, clock: FileClock, people: int) -> None:
    put_in_force(home, log, clock)
    pulse = Pulse(home, log, clock)
    pulse.catch_up()
    publish(home, log, clock, read_documents(_DEFINITIONS))
    now, rows = clock.now(), []
    for number in range(people):
        who = (f"user:{FERNWALD.key}/{number}", f"email:p{number}@example.org")
        traits = orjson.dumps({"traits": {"email": f"p{number}@example.org", "first_name": "Ada"}})
        consent = orjson.dumps({"properties": {"channel": "email"}})
        rows.append(NewEvent(WEBSITE.key, f"i{number}", who, "identify", "", FERNWALD.key, now, traits, live=False))
        granted = "Consent Granted"
        rows.append(NewEvent(WEBSITE.key, f"c{number}", who, "track", granted, FERNWALD.key, now, consent, live=False))
    log.append(rows)
    pulse.catch_up()
    time.sleep(2.5)  # what was brought in settles by itself
    pulse.catch_up()
    pulse.close()


async def load(port: int, key: str, seconds: int) -> dict[str, int]:
    """Send at the rate, each connection in its turn: when the triggers were answered, by user id (UTC microseconds)."""
    answered: dict[str, int] = {}
    begin = time.perf_counter() + 0.1
    line = (_connection(port, key, seconds, begin, number, answered) for number in range(CONNECTIONS))
    await asyncio.gather(*line)
    return answered


async def _connection(port: int, key: str, seconds: int, begin: float, number: int, answered: dict[str, int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for place in range(number, seconds * RATE, CONNECTIONS):
        await asyncio.sleep(max(0.0, begin + place / RATE - time.perf_counter()))
        person, triggers = str(place // TRIGGERS), place % TRIGGERS == place // TRIGGERS % TRIGGERS
        writer.write(_request(key, person, "Checkout Started" if triggers else "Product Viewed", place))
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        await reader.readexactly(int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]))
        if triggers and place >= WARM * RATE:
            answered[person] = time.time_ns() // 1000
    writer.close()


def _request(key: str, person: str, name: str, place: int) -> bytes:
    product = {"product_id": f"p{place % 500}", "name": "Regenjacke", "category": "Outdoor > Jacken", "price": 129.95}
    properties = {"order_id": f"B{place}", "products": [product]} if name == "Checkout Started" else product
    body = orjson.dumps({"userId": person, "event": name, "messageId": f"m{place}", "properties": properties})
    credentials = base64.b64encode(f"{key}:".encode()).decode()
    head = f"POST /v1/track HTTP/1.1\r\nHost: b\r\nAuthorization: Basic {credentials}\r\nContent-Length: {len(body)}"
    return f"{head}\r\nContent-Type: application/json\r\n\r\n".encode() + body


def _waits(log: Log, name: str, answered: dict[str, int]) -> list[float]:
    """Milliseconds from the answer to the row of that name; what was there before the answer was read counts as 0."""
    waits: dict[str, float] = {}
    position = 0
    while rows := log.read(position, 10_000):
        position = rows[-1].seq
        for row in rows:
            if row.name == name and _concerns(name, row.payload):
                person = row.identity[0].rpartition("/")[2]
                if person in answered:
                    waits.setdefault(person, max(0, row.received_at - answered[person]) / (SECOND / 1000))
    return list(waits.values())


def _concerns(name: str, payload: bytes) -> bool:
    told = orjson.loads(payload)["properties"]
    return told.get("segment" if name == "Segment Entered" else "journey") in ("at-the-till", "at-once")


if __name__ == "__main__":
    for found in run("quick" in sys.argv):
        print(f"{found.figure:>10.1f} {found.unit:<6} {found.what}")
