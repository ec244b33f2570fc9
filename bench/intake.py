"""How fast events get in: the real front door process under load, beside what the machine can do at most.

Run alone with ``python -m bench.intake [quick]``.
"""

import asyncio
import base64
import multiprocessing
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from anstoss.brands.public import Brand, FileClock, LegalEntity, Settings, Source, open_brands
from anstoss.collect.public import serve
from anstoss.log.public import Log, NewEvent, row_of
from anstoss.store.public import Home, sqlite3
from bench.row import Row

KEY = "bench-key"
BATCH = 100
BATCH_CONNECTIONS = 12
SINGLE_CONNECTIONS = 32
GROUP = 1_000
_MARK = "#" * 36


def _call() -> dict[str, Any]:
    """A product view of about 1 KB, as a shop's server sends it."""
    url = "https://shop.example/products/rain-jacket-stormbreaker"
    product = {
        "product_id": "p4711",
        "sku": "SKU-4711-BLUE-M",
        "category": "Outdoor > Jackets",
        "name": "Rain jacket Stormbreaker",
        "brand": "Nordwand",
        "variant": "blue",
        "price": 129.95,
        "quantity": 1,
        "position": 3,
        "currency": "EUR",
        "value": 129.95,
        "url": url,
    }
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
    context = {
        "library": {"name": "analytics-python", "version": "2.4.0"},
        "locale": "de-DE",
        "timezone": "Europe/Berlin",
        "userAgent": agent,
        "page": {"path": "/products/rain-jacket-stormbreaker", "title": "Rain jacket Stormbreaker", "url": url},
    }
    return {
        "type": "track",
        "messageId": _MARK,
        "anonymousId": "2f1d9e0c-9d55-4c7c-8f6e-0b7d5f3a9b11",
        "userId": "customer-10482",
        "event": "Product Viewed",
        "timestamp": "2026-11-22T11:00:00.123Z",
        "integrations": {},
        "properties": product,
        "context": context,
    }


def _request(path: str, body: object) -> bytes:
    """A request with ``%s`` where each message id belongs."""
    content = orjson.dumps(body)
    credentials = base64.b64encode(f"{KEY}:".encode())
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nAuthorization: Basic ".encode()
    whole = head + credentials + f"\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content
    return whole.replace(b"%", b"%%").replace(_MARK.encode(), b"%s")


class _Client(asyncio.Protocol):
    """One connection that sends its next request when the last was answered."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._sent = 0.0
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, end, body = self._data.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):  # the server writes head and body one after the other
            return
        self._load.answered(self._data, time.perf_counter() - self._sent)
        if self._load.done:
            self._transport.close()
        else:
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        self._load.ended()

    def _next(self) -> None:
        self._data = b""
        self._sent = time.perf_counter()
        self._transport.write(self._load.request())  # type: ignore[attr-defined]  # a TCP transport


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])


class Load:
    """Requests over some connections for some seconds, and how long the answers took."""

    def __init__(self, template: bytes, events: int, connections: int) -> None:
        self._template = template
        self._events = events
        self._connections = connections
        self._number = int.from_bytes(os.urandom(6), "little") << 32
        self._left = connections
        self.waits: list[float] = []
        self.done = False

    def request(self) -> bytes:
        """The next request, its message ids new."""
        first = self._number
        self._number += self._events
        return self._template % tuple(b"%036d" % number for number in range(first, self._number))

    def answered(self, data: bytes, seconds: float) -> None:
        """Note an answer."""
        if not data.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"the server answered {data[:200]!r}")
        self.waits.append(seconds)

    def ended(self) -> None:
        """Note the end of a connection."""
        self._left -= 1
        if not self._left:
            self._all_ended.set()

    async def run(self, port: int, seconds: float) -> None:
        """Send until the time is over, then wait for the answers."""
        loop = asyncio.get_running_loop()
        self._all_ended = asyncio.Event()
        for _ in range(self._connections):
            await loop.create_connection(lambda: _Client(self), "127.0.0.1", port)
        await asyncio.sleep(seconds)
        self.done = True
        await self._all_ended.wait()


def _nothing(port: int) -> None:
    import uvicorn

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    uvicorn.run(app, port=port, loop="uvloop", http="httptools", lifespan="off", access_log=False, log_level="error")


def _front_door(home: str, port: int) -> None:
    serve(Home(Path(home)), Settings(port=port, log_level="error", max_backlog=10**12))


@contextmanager
def _server(target: Callable[..., None], *values: object) -> Iterator[tuple[int, int]]:
    """A server process: its port and its process id."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=target, args=(*values, port))
    process.start()
    assert process.pid
    while process.is_alive():
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except ConnectionRefusedError:
            time.sleep(0.05)
    try:
        yield port, process.pid
    finally:
        process.terminate()
        process.join()


def _cpu_seconds(pid: int) -> float:
    """CPU time of a process so far (0 where there is no /proc)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _loaded(load: Load, port: int, pid: int, seconds: float) -> tuple[float, float, float]:
    """Requests a second, the answers' 99th percentile in milliseconds, CPU seconds of the server per request."""
    import uvloop

    load.done = False
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        began, worked = time.perf_counter(), _cpu_seconds(pid)
        runner.run(load.run(port, seconds))
        took, worked = time.perf_counter() - began, _cpu_seconds(pid) - worked
    p99 = statistics.quantiles(load.waits, n=100)[98] * 1000
    return len(load.waits) / took, p99, worked / len(load.waits)


def through_the_front_door(folder: Path, seconds: float) -> Iterator[tuple[float, float, float]]:
    """Batches, then single events, against the real process on a new home; each as ``_loaded`` gives it."""
    home = Home(folder)
    home.create()
    brands = open_brands(home)
    brands.add_brand(Brand("bench", "Bench", LegalEntity("Bench")))
    brands.add_source(Source("bench", "bench"), KEY)
    batch = _request("/v1/batch", {"sentAt": "2026-11-22T11:00:01.000Z", "batch": [_call()] * BATCH})
    single = _request("/v1/track", _call())
    with _server(_front_door, os.fspath(folder)) as (port, pid):
        _loaded(Load(batch, BATCH, BATCH_CONNECTIONS), port, pid, min(1.0, seconds / 4))  # warm
        yield _loaded(Load(batch, BATCH, BATCH_CONNECTIONS), port, pid, seconds)
        yield _loaded(Load(single, 1, SINGLE_CONNECTIONS), port, pid, seconds)
    log = Log(home, FileClock(home.clock_file))
    assert log.head() > 0, "nothing was stored"
    log.close()


def do_nothing(seconds: float) -> tuple[float, float, float]:
    """What the server costs when the application does nothing."""
    with _server(_nothing) as (port, pid):
        return _loaded(Load(_request("/v1/track", _call()), 1, SINGLE_CONNECTIONS), port, pid, seconds)


def append_and_fsync(folder: Path, seconds: float) -> float:
    """Events a second: the same bytes appended to a file, a thousand events to an fsync."""
    group = orjson.dumps(_call()) * GROUP
    count, began = 0, time.perf_counter()
    with open(folder / "raw", "wb", buffering=0) as file:
        while time.perf_counter() - began < seconds:
            file.write(group)
            os.fsync(file.fileno())
            count += GROUP
    return count / (time.perf_counter() - began)


def bare_inserts(folder: Path, seconds: float) -> tuple[float, float]:
    """Events a second and CPU seconds per event: the same rows into a table without any check, 1,000 to a commit."""
    call = _call()
    payload = orjson.dumps({"properties": call["properties"], "context": call["context"]})
    identity = (f"user:bench/{call['userId']}", f"anon:{call['anonymousId']}")
    row = row_of(NewEvent("bench", _MARK, identity, "track", call["event"], "bench", 1, payload))
    con = sqlite3.connect(folder / "bare.db", isolation_level=None)
    con.execute("PRAGMA journal_mode=WAL")
    con.execute("PRAGMA synchronous=FULL")
    columns = ",".join(f"c{number}" for number in range(len(row)))
    con.execute(f"CREATE TABLE bare(seq INTEGER PRIMARY KEY, at INTEGER, {columns})")
    insert = f"INSERT INTO bare VALUES ({','.join('?' * (len(row) + 2))})"
    count, began, worked = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        con.execute("BEGIN IMMEDIATE")
        con.executemany(insert, [(count + number, 1, *row) for number in range(GROUP)])
        con.execute("COMMIT")
        count += GROUP
    took, worked = time.perf_counter() - began, time.process_time() - worked
    con.close()
    return count / took, worked / count


def run(quick: bool = False) -> list[Row]:
    """The rows of the table. The references run for a quarter of the time each."""
    seconds = 4 if quick else 60
    short = seconds / 4
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw, (bare, bare_cpu) = append_and_fsync(folder, short), bare_inserts(folder, short)
        batches, single = through_the_front_door(folder / "home", seconds)
    idle = do_nothing(short)
    many, one = (
        "intake, batches of 100 events of 1 KB, durable",
        f"intake, single events, {SINGLE_CONNECTIONS} connections",
    )
    rate, p99, cpu = batches[0] * BATCH, batches[1], batches[2] / BATCH * 1e6
    inserts = "bare SQLite inserts of the same rows, durable"
    nothing = "a do-nothing ASGI endpoint on the same server"
    return [
        Row(many, rate, "events/s", 40_000, bare, inserts),
        Row(many, rate, "events/s", None, raw, "appending and fsyncing the same bytes"),
        Row(f"{many}, CPU of the intake process", cpu, "us/event", None, bare_cpu * 1e6, inserts, at_most=True),
        Row(f"{many}, answer p99", p99, "ms", 100, at_most=True),
        Row(one, single[0], "requests/s", 3_000, idle[0], nothing),
        Row(f"{one}, answer p99", single[1], "ms", None, idle[1], nothing, at_most=True),
        Row(
            f"{one}, CPU of the intake process",
            single[2] * 1e6,
            "us/request",
            None,
            idle[2] * 1e6,
            nothing,
            at_most=True,
        ),
    ]


if __name__ == "__main__":
    for row in run("quick" in sys.argv):
        print(f"{row.figure:>10,.1f} {row.unit:<12} {row.what}")
