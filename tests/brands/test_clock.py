"""One clock for all processes: real, unless its file says otherwise."""

import time
from pathlib import Path

from anstoss.brands.public import DAY, SECOND, FileClock, ManualClock, set_clock


def test_without_a_file_it_is_now(tmp_path: Path) -> None:
    before = time.time_ns() // 1000
    shown = FileClock(tmp_path / "clock.json").now()
    assert before <= shown <= time.time_ns() // 1000


def test_every_reader_sees_the_clock_that_was_set(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    set_clock(file, shows=123_456_789, speed=0)
    assert FileClock(file).now() == FileClock(file).now() == 123_456_789
    set_clock(file, shows=5)
    assert 5 <= FileClock(file).now() < 60 * SECOND
    file.unlink()
    assert FileClock(file).now() > 50 * 365 * DAY


def test_a_clock_file_that_comes_goes_or_changes_is_noticed_by_those_who_run(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    clock = FileClock(file)
    assert clock.now() > 50 * 365 * DAY
    for shows in (7, 8):
        set_clock(file, shows=shows, speed=0)
        clock._checked = 0  # as after 0.2 seconds
        assert clock.now() == shows
    file.unlink()
    clock._checked = 0
    assert clock.now() > 50 * 365 * DAY


def test_a_fast_clock_says_how_long_to_really_wait(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    set_clock(file, shows=0, speed=86_400)
    clock = FileClock(file)
    assert -60 < clock.real(DAY) <= 1.0
    assert 998 - 60 < clock.real(1_000 * DAY) - clock.real(DAY) <= 1_000


def test_a_clock_that_is_moved_never_goes_back() -> None:
    clock = ManualClock(10)
    clock.advance(5)
    assert clock.now() == 15
    clock.set(3)
    clock.advance(-4)
    assert clock.now() == 15
    assert clock.real(15 + 2 * SECOND) == 2.0
