"""The front door as a process: what is acknowledged survives its death, and the back office is behind it."""

import http.client
import json
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from tests.collect.conftest import SERVER_KEY, Intake

from anstoss.brands.public import FileClock
from anstoss.log.public import Log

PROGRAM = """
import sys
from pathlib import Path
from anstoss.brands.public import Settings
from anstoss.collect.public import serve
from anstoss.store.public import Home
serve(Home(Path(sys.argv[1])), Settings(port=int(sys.argv[2]), log_level="error"))
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def front_door(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The process, answering."""
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(home), str(port)])
    try:
        for _ in range(400):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except ConnectionRefusedError:
                assert process.poll() is None
                time.sleep(0.05)  # another process is starting: there is no clock to turn
        yield process
    finally:
        process.kill()
        process.wait()


def post(connection: http.client.HTTPConnection, ids: list[str]) -> bool:
    """Send a batch; true when it was acknowledged."""
    calls = [{"type": "track", "event": "E", "userId": "7", "messageId": name} for name in ids]
    body = json.dumps({"writeKey": SERVER_KEY, "batch": calls})
    try:
        connection.request("POST", "/v1/batch", body)
        answer = connection.getresponse()
        answer.read()
    except OSError:
        return False
    except http.client.HTTPException:
        return False
    return answer.status == 200


class Load(threading.Thread):
    """Sends batches until told to stop; sends those again that were not acknowledged, as clients do."""

    def __init__(self, port: int, stop: threading.Event) -> None:
        super().__init__()
        self.port = port
        self.stop = stop
        self.acknowledged: list[str] = []
        self.open: list[str] = []

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        while not self.stop.is_set():
            self.open = self.open or [str(uuid.uuid4()) for _ in range(random.randint(1, 30))]  # noqa: S311
            if post(connection, self.open):
                self.acknowledged += self.open
                self.open = []
            else:
                connection.close()
                self.stop.wait(0.02)
        connection.close()


@pytest.mark.slow
def test_what_was_acknowledged_survives_being_killed_and_is_there_once(intake: Intake) -> None:
    port, stop, chance = free_port(), threading.Event(), random.Random(7)  # noqa: S311
    loads = [Load(port, stop) for _ in range(4)]
    for load in loads:
        load.start()
    for _ in range(4):
        with front_door(intake.home.path, port) as process:
            time.sleep(chance.uniform(0.2, 0.8))
            process.send_signal(signal.SIGKILL)
    with front_door(intake.home.path, port):
        time.sleep(0.3)
        stop.set()
        for load in loads:
            load.join()
    acknowledged = [name for load in loads for name in load.acknowledged]
    log = Log(intake.home, FileClock(intake.home.clock_file))
    events = log.read(0, 1_000_000)
    log.close()
    stored = [event.message_id for event in events]
    assert len(acknowledged) > 100
    assert len(set(stored)) == len(stored)
    assert set(acknowledged) <= set(stored)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))


def test_an_orderly_end_answers_what_was_begun(intake: Intake) -> None:
    port, stop = free_port(), threading.Event()
    load = Load(port, stop)
    with front_door(intake.home.path, port) as process:
        load.start()
        while len(load.acknowledged) < 50:
            time.sleep(0.01)  # another process is working: there is no clock to turn
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    stop.set()
    load.join()
    stored = {event.message_id for event in intake.log.read(0, 1_000_000)}
    assert set(load.acknowledged) <= stored


@contextmanager
def back_office(home: Path, app: Any) -> Iterator[None]:
    """A web process of a few lines on the socket of the home."""
    server = uvicorn.Server(uvicorn.Config(app, uds=str(home / "web.sock"), lifespan="off", log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)  # the server says when it has started, and nothing else does
    yield
    server.should_exit = True
    thread.join()


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body = b""
    while True:
        message = await receive()
        body += message["body"]
        if not message["more_body"]:
            break
    headers = [[name.decode(), value.decode()] for name, value in scope["headers"]]
    seen = {"method": scope["method"], "path": scope["raw_path"].decode(), "query": scope["query_string"].decode()}
    answer = json.dumps(seen | {"headers": headers, "size": len(body)}).encode()
    cookies = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"location", b"/next")]
    await send({"type": "http.response.start", "status": 302, "headers": cookies})
    for part in (answer[:10], answer[10:]):
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def test_other_paths_are_relayed(intake: Intake) -> None:
    port = free_port()
    with front_door(intake.home.path, port), back_office(intake.home.path, echo):
        url = f"http://127.0.0.1:{port}/customers/%C3%BC?a=1&b=%20"
        sent = {"connection": "keep-alive, x", "x-forwarded-for": "1.2.3.4", "cookie": "c=3", "host": "shop.example"}
        answer = httpx.post(url, content=b"x" * 300_000, headers=sent)
        missing = httpx.get(f"http://127.0.0.1:{port}/v1/nothing")
    seen = answer.json()
    headers = dict(seen["headers"])
    assert (answer.status_code, answer.headers["location"]) == (302, "/next")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert (seen["method"], seen["path"], seen["query"]) == ("POST", "/customers/%C3%BC", "a=1&b=%20")
    assert seen["size"] == 300_000
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert (headers["x-forwarded-host"], headers["x-forwarded-proto"]) == ("shop.example", "http")
    assert (headers["host"], headers["cookie"]) == ("shop.example", "c=3")
    assert missing.json()["code"] == "not_found"


def test_without_a_web_process_the_answer_says_so_and_events_are_taken(intake: Intake) -> None:
    port = free_port()
    with front_door(intake.home.path, port):
        answer = httpx.get(f"http://127.0.0.1:{port}/")
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
            taken = post(connection, ["m1"])
    assert (answer.status_code, taken) == (502, True)
    assert "back office is not running" in answer.text
    assert "läuft nicht" in answer.text
