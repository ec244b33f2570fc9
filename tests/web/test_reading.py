"""Looking at the end of the log."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from anstoss.brands.public import DAY, HOUR, SECOND, ManualClock
from anstoss.log.public import Log, NewEvent
from anstoss.store.public import Home
from anstoss.web.formats import Voice
from anstoss.web.reading import Wanted, counts_today, newest, position_at, said_name

NOON = 1_795_086_000 * SECOND  # Thu 19 November 2026, 12:00 in Berlin


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    home = Home(tmp_path)
    home.create()
    log = Log(home, ManualClock(NOON - 3 * DAY), durable=False)
    yield log
    log.close()


def put(log: Log, *received: int, **more: str) -> None:
    first = log.head()
    events = [
        NewEvent("web", f"m{first + index}", (), "track", more.get("name", "Seen"), "shop", at, origin=more["origin"])
        if "origin" in more
        else NewEvent("web", f"m{first + index}", (), more.get("kind", "track"), more.get("name", "Seen"), "shop", at)
        for index, at in enumerate(received)
    ]
    log.append(events, received_at=list(received))


def test_the_newest_come_first_and_only_the_wanted(log: Log) -> None:
    put(log, *range(NOON - 2 * DAY, NOON - 2 * DAY + 1200))
    put(log, NOON, kind="page", name="Start")
    put(log, NOON, origin="engine", name="Stage Entered")
    assert [event.seq for event in newest(log, 3, Wanted())] == [1201, 1200, 1199]
    assert [event.seq for event in newest(log, 2, Wanted(engine="1"))] == [1202, 1201]
    assert [said_name(event) for event in newest(log, 9, Wanted(name="page v"))] == ["Page Viewed"]
    assert len(newest(log, 5_000, Wanted(type="track"))) == 1200
    assert newest(log, 9, Wanted(source="elsewhere")) == []
    assert [event.seq for event in newest(log, 9, Wanted(), after=1199)] == [1201, 1200]


def test_the_position_at_an_instant(log: Log) -> None:
    assert position_at(log, NOON) == 0
    put(log, NOON, NOON, NOON + 1, NOON + 5)
    found = [position_at(log, NOON + later) for later in (-1, 0, 1, 2, 5, 6)]
    assert found == [0, 0, 2, 3, 3, 4]


def test_today_is_compared_with_yesterday_until_this_time(log: Log) -> None:
    put(log, NOON - 2 * DAY, NOON - DAY - HOUR, NOON - DAY - SECOND, NOON - DAY + HOUR, NOON - 2 * HOUR, NOON - HOUR)
    assert counts_today(log, Voice("de", "Europe/Berlin", "EUR", NOON)) == (2, 2)
