"""The unmodified client libraries of Segment and RudderStack against a live server."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import rudderstack.analytics.client
import segment.analytics.client
import uvicorn
from tests.collect.conftest import SERVER_KEY, Intake

from anstoss.brands.public import SECOND, Settings
from anstoss.collect.body import Receive, Scope, Send
from anstoss.collect.public import Collector
from anstoss.log.public import Group

CLIENTS = {"segment": segment.analytics.client.Client, "rudder": rudderstack.analytics.client.Client}


@dataclass
class Door:
    """A live server: what it answered, and what to do when it refused something for the first time."""

    app: Collector
    url: str = ""
    statuses: list[int] = field(default_factory=list)
    heal: Callable[[], object] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.statuses.append(message["status"])
                if message["status"] != 200 and self.heal:
                    self.heal()
            await send(message)

        await self.app(scope, receive, noted)


@pytest.fixture
def door(intake: Intake) -> Iterator[Door]:
    """A server on a port of its own; the clock shows the real time, which the clients send."""
    intake.clock.set(int(datetime.now(UTC).timestamp()) * SECOND)
    settings = Settings(max_backlog=0)
    door = Door(Collector(Group(intake.log), intake.brands, intake.clock, settings, lambda: intake.waiting[0]))
    config = uvicorn.Config(door, lifespan="off", log_level="critical", access_log=False, http="httptools")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        door.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield door
        server.should_exit = True
        thread.join()


@pytest.fixture(params=["segment", "segment with gzip", "rudder", "rudder without gzip"])
def client(request: pytest.FixtureRequest, door: Door) -> Iterator[Any]:
    name = request.param.split()[0]
    errors: list[object] = []
    made = CLIENTS[name](
        SERVER_KEY,
        host=door.url,
        gzip="with gzip" in request.param or request.param == "rudder",
        upload_interval=0.05,
        on_error=lambda error, _: errors.append(error),
        max_retries=3,
    )
    made.errors = errors
    yield made
    made.join()


def everything(client: Any) -> None:
    client.identify("7", {"email": "erika@example.com", "plan": "pro"})
    client.track("7", "Order Completed", {"order_id": "o1", "revenue": 9.5, "note": "Grüße 👟"})
    client.page("7", "Shop", "Home", {"url": "https://shop.example/"})
    client.screen("7", "App", "Start")
    client.group("7", "g1", {"name": "Acme"})
    client.alias("old", "7")
    client.flush()


def test_every_call_arrives_as_it_was_meant(client: Any, intake: Intake) -> None:
    everything(client)
    assert client.errors == []
    events = {event.type: event for event in intake.events()}
    assert list(events) == ["identify", "track", "page", "screen", "group", "alias"]
    assert events["identify"].identity == ("user:acme/7", "email:erika@example.com")
    assert json.loads(events["identify"].payload)["traits"]["plan"] == "pro"
    order = json.loads(events["track"].payload)
    assert events["track"].name == "Order Completed"
    assert order["properties"] == {"order_id": "o1", "revenue": 9.5, "note": "Grüße 👟"}
    assert "python" in order["context"]["library"]["name"]
    assert (events["page"].name, json.loads(events["page"].payload)["category"]) == ("Home", "Shop")
    assert json.loads(events["alias"].payload)["previousId"] == "old"
    assert all(event.live and abs(event.occurred_at - event.received_at) < 60 * SECOND for event in events.values())
    assert intake.log.rejects(1) == []


def test_a_thousand_events_in_batches(client: Any, intake: Intake) -> None:
    for number in range(1000):
        client.track("7", "Tick", {"n": number})
    client.flush()
    assert sorted(json.loads(event.payload)["properties"]["n"] for event in intake.events()) == list(range(1000))


def test_too_busy_is_tried_again_and_stored_once(
    client: Any, intake: Intake, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anstoss.collect.app.COME_BACK", 1)
    intake.waiting[0] = 1
    door.heal = lambda: intake.waiting.__setitem__(0, 0)
    everything(client)
    _settle(client, intake)
    assert (client.errors, door.statuses[0], door.statuses[-1]) == ([], 429, 200)


def test_a_full_disk_is_tried_again_and_stored_once(
    client: Any, intake: Intake, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anstoss.collect.app.COME_BACK", 1)
    intake.log._writer.execute("PRAGMA max_page_count=1")
    door.heal = lambda: intake.log._writer.execute("PRAGMA max_page_count=1000000")
    everything(client)
    _settle(client, intake)
    assert (client.errors, door.statuses[0], door.statuses[-1]) == ([], 503, 200)


@pytest.mark.parametrize("name", CLIENTS)
def test_a_wrong_key_is_told_and_not_tried_again(name: str, door: Door, intake: Intake) -> None:
    errors: list[Any] = []
    client = CLIENTS[name]("wrong", host=door.url, upload_interval=0.05, on_error=lambda error, _: errors.append(error))
    client.track("7", "Tick")
    client.flush()
    client.join()
    assert [error.status for error in errors] == [401]
    assert [error.code for error in errors] == ["unknown_write_key"]
    assert intake.events() == []


def _settle(client: Any, intake: Intake) -> None:
    for _ in range(5):  # what was put back into the client's queue is not part of its first flush
        if len(intake.events()) == 6:
            break
        client.flush()
    assert sorted(event.type for event in intake.events()) == ["alias", "group", "identify", "page", "screen", "track"]
