"""A real home whose events come in over HTTP: what a test posts is checked, stored and folded by the real rooms."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from tests.pulse.homes import TEMPLATE, Shop
from tests.pulse.test_stories import BASKET

from anstoss.brands.public import Settings, open_brands
from anstoss.collect.public import Collector
from anstoss.log.public import Group

SEGMENTS = """
---
segment: agreed
rule: {consent: {channel: email}}
---
segment: spent
rule: {metric: {net_revenue: {above: 3}}}
---
segment: looked-dear
rule: {did: {event: Product Viewed, where: {price: {above: 10}, category: {under: Outdoor}}, within: 7d}}
---
segment: growing
rule: {any: [{stage: {lifecycle: shop, in: [growth]}}, {trait: {plan: gold}}]}
---
segment: sampled
rule: {sequence: {steps: [{event: Product Viewed}, {event: Order Completed}], within: 7d}}
"""


@dataclass
class PostedShop:
    """A shop with definitions that look at much of what an event can carry, and a collector in front of it."""

    path: Path
    shop: Shop = field(init=False)

    def __post_init__(self) -> None:
        self.shop = Shop(self.path)
        self.shop.publish(TEMPLATE + BASKET + SEGMENTS)

    def post(self, body: bytes, path: str = "/v1/batch", **headers: str) -> httpx.Response:
        """What a client with the right key is answered."""
        return asyncio.run(self._post(body, path, headers))

    def post_calls(self, *calls: bytes) -> httpx.Response:
        """The same for calls, each JSON text, in one batch."""
        return self.post(b'{"batch":[%s]}' % b",".join(calls))

    def stopped(self) -> list[tuple[str, str]]:
        """Definitions that failed at run time."""
        return [(kind, key) for kind, key in self.shop.rows("SELECT kind, key FROM definition WHERE failure <> ''")]

    async def _post(self, body: bytes, path: str, headers: dict[str, str]) -> httpx.Response:
        group = Group(self.shop.log)
        app = Collector(group, open_brands(self.shop.home), self.shop.clock, Settings(), lambda: 0)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:  # type: ignore[arg-type]
            answer = await client.post(
                f"http://collect.example{path}", content=body, auth=("test-key", ""), headers=named
            )
        await group.close()
        return answer


def track(name: str, properties: str = "{}", user: str = "1", more: str = "") -> bytes:
    """A track call as JSON text; ``properties`` is JSON text too, so that it can hold what no library would write."""
    return f'{{"type":"track","userId":"{user}","event":"{name}","properties":{properties}{more}}}'.encode()
