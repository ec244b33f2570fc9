"""A log on a home of its own, under a clock that is turned by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from anstoss.brands.public import SECOND, ManualClock
from anstoss.log.public import Log, NewEvent
from anstoss.store.public import Home

START = 1_800_000_000 * SECOND


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def log(home: Home, clock: ManualClock) -> Iterator[Log]:
    log = Log(home, clock)
    yield log
    log.close()


def event(number: int, **changes: object) -> NewEvent:
    """An event that differs from others by its number."""
    fields: dict[str, object] = {
        "source": "shop",
        "message_id": f"m{number}",
        "identity": ("user:acme/7", "anon:a"),
        "type": "track",
        "name": "Product Viewed",
        "brand": "acme",
        "occurred_at": START - number,
        "payload": b'{"properties":{"n":%d}}' % number,
    }
    return NewEvent(**(fields | changes))  # type: ignore[arg-type]
