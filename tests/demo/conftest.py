"""A small shop played for two years, once for all tests that only look."""

from datetime import UTC, datetime

import orjson
import pytest

from anstoss.brands.public import SECOND
from anstoss.demo.public import Shop
from anstoss.log.public import NewEvent

START = int(datetime(2024, 3, 1, tzinfo=UTC).timestamp()) * SECOND


class Played:
    """A shop together with all it told."""

    def __init__(self, customers: int) -> None:
        self.shop = Shop(7, customers, START)
        self.events = self.shop.events(START, self.shop.end)

    def named(self, name: str) -> list[NewEvent]:
        """The events of one name."""
        return [event for event in self.events if event.type == "track" and event.name == name]


@pytest.fixture(scope="session")
def played() -> Played:
    return Played(1_000)


def properties(event: NewEvent) -> dict[str, object]:
    """What an event says."""
    body: dict[str, object] = orjson.loads(event.payload)["properties"]
    return body


@pytest.fixture(scope="session")
def start() -> int:
    return START


@pytest.fixture(scope="session")
def said():
    return properties
