"""A collector on a home of its own, spoken to as a client would."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from anstoss.brands.public import SECOND, Brand, Brands, LegalEntity, ManualClock, Settings, Source, open_brands
from anstoss.collect.public import Collector
from anstoss.log.public import Event, Group, Log
from anstoss.store.public import Home

NOW = 1_800_000_000 * SECOND
"""2027-01-15T08:00:00Z, the time of the tests' clock."""
SERVER_KEY, BROWSER_KEY = "server-key", "browser-key"


@dataclass
class Intake:
    """What a test holds in its hands."""

    home: Home
    clock: ManualClock
    log: Log
    brands: Brands
    waiting: list[int] = field(default_factory=lambda: [0])

    def events(self) -> list[Event]:
        return self.log.read(0, 10_000)

    def send(self, *requests: httpx.Request, **settings: Any) -> list[httpx.Response]:
        """Send requests one after the other to a new collector."""
        import asyncio

        return asyncio.run(self._send(requests, Settings(**settings)))

    def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        return self.send(request(path, body, **headers))[0]

    async def _send(self, requests: tuple[httpx.Request, ...], settings: Settings) -> list[httpx.Response]:
        group = Group(self.log)
        app = Collector(group, self.brands, self.clock, settings, lambda: self.waiting[0])
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # its own names for the same ASGI types
        async with httpx.AsyncClient(transport=transport) as client:
            answers = [await client.send(each) for each in requests]
        await group.close()
        return answers


def request(path: str, body: object, **headers: str) -> httpx.Request:
    """A POST with the server's key; a body that is not bytes becomes JSON."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    all_headers = {"authorization": httpx.BasicAuth(SERVER_KEY, "")._auth_header} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return httpx.Request("POST", f"http://collect.example{path}", content=content, headers=all_headers)


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    home = Home(tmp_path / "home")
    home.create()
    clock = ManualClock(NOW)
    brands = open_brands(home)
    brands.add_brand(Brand("acme", "Acme", LegalEntity("Acme", country="DE")))
    brands.add_source(Source("shop", "acme"), SERVER_KEY)
    brands.add_source(Source("site", "acme", "browser"), BROWSER_KEY)
    log = Log(home, clock, durable=False)  # nobody cuts the power here; the front door's own tests are durable
    yield Intake(home, clock, log, brands)
    log.close()
