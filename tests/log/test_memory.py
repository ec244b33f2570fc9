"""What the log remembers holds across processes, lost index files, crashes and power cuts."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.log.conftest import START, event

from anstoss.brands.public import ManualClock
from anstoss.log.keys import KeyIndex
from anstoss.log.public import Log
from anstoss.store.public import Home


def reopened(home: Home) -> Log:
    return Log(home, ManualClock(START))


def duplicates(home: Home, count: int) -> list[int]:
    log = reopened(home)
    try:
        return log.append([event(n) for n in range(count)]).duplicates
    finally:
        log.close()


def test_what_another_process_stored_is_known(log: Log, home: Home) -> None:
    other = reopened(home)
    log.append([event(1)])
    assert other.append([event(1), event(2)]).duplicates == [0]
    assert log.append([event(2), event(3)]).duplicates == [0]
    other.close()


def test_an_index_that_is_gone_is_made_again(home: Home) -> None:
    assert duplicates(home, 50) == []
    shutil.rmtree(home.path / "seen")
    assert duplicates(home, 60) == list(range(50))


def test_an_index_that_lost_pages_in_a_power_cut_is_mended(home: Home) -> None:
    assert duplicates(home, 50) == []
    for file in (home.path / "seen").glob("*.keys"):
        content = file.read_bytes()
        file.write_bytes(content[:4096] + bytes(len(content) - 4096))
    assert duplicates(home, 60) == list(range(50))


def test_a_commit_whose_process_died_before_its_index_was_written(log: Log, home: Home) -> None:
    log.append([event(1)])
    other = reopened(home)
    other._seen.applied = lambda: None  # type: ignore[method-assign]  # what a kill between the two leaves behind
    other.append([event(2), event(3)])
    assert log.append([event(2), event(3), event(1), event(4)]).duplicates == [0, 1, 2]
    other.close()


def test_a_log_restored_from_a_backup_forgets_what_is_not_in_it(home: Home, tmp_path: Path) -> None:
    assert duplicates(home, 5) == []
    log = reopened(home)
    log.append([event(50)])
    log.close()
    shutil.copy(home.log_db, tmp_path / "backup")
    assert duplicates(home, 40) == list(range(5))
    shutil.copy(tmp_path / "backup", home.log_db)
    assert duplicates(home, 40) == list(range(5))


def test_parts_follow_each_other(log: Log, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anstoss.log.seen.PART_SLOTS", (8, 16))
    for start in range(0, 120, 3):
        log.append([event(n) for n in range(start, start + 3)])
    assert len(list((home.path / "seen").glob("*.keys"))) > 10
    assert duplicates(home, 121) == list(range(120))


def test_a_part_that_was_rolled_back_leaves_no_trace(log: Log, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anstoss.log.seen.PART_SLOTS", (8,))
    log.append([event(n) for n in range(3)])
    assert log.begin()
    log.put([], [])
    log._seen.add([7, 8, 9], START, forever=False)
    with pytest.raises(ZeroDivisionError):
        log._abandon(ZeroDivisionError())
    assert log.append([event(n) for n in range(20)]).duplicates == [0, 1, 2]
    assert duplicates(home, 21) == list(range(20))


@given(st.lists(st.integers(1, 2**64 - 1) | st.integers(1, 40) | st.integers(0, 20).map(lambda n: 64 * n + 5)))
def test_an_index_is_a_set(tmp_path_factory: pytest.TempPathFactory, keys: list[int]) -> None:
    index = KeyIndex(tmp_path_factory.mktemp("index") / "keys", 1 << 8)
    try:
        index.add(keys[:100], 1)
        assert index.count == len(set(keys[:100]))
        assert {key for key in index.table if key} == set(keys[:100])
    finally:
        index.close()
