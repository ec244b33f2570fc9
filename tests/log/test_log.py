"""The log keeps every event once, in one order, and says what it promises about time."""

import pytest
from tests.log.conftest import START, event

from anstoss.brands.public import DAY, ManualClock
from anstoss.log.public import Log, LogUnavailable
from anstoss.store.public import Home


def test_what_goes_in_comes_out(log: Log) -> None:
    first = event(1, sent_at=5, original_timestamp=6, origin="reaction", live=False)
    answer = log.append([first, event(2, identity=())])
    assert (answer.stored, answer.duplicates, answer.last_seq) == (2, [], 2)
    one, two = log.read(0, 10)
    assert (one.seq, one.identity, one.payload) == (1, ("user:acme/7", "anon:a"), b'{"properties":{"n":1}}')
    assert (one.sent_at, one.original_timestamp, one.origin, one.live) == (5, 6, "reaction", False)
    assert (two.identity, two.live, two.sent_at, two.received_at) == ((), True, None, START)


def test_reading_on_from_a_position(log: Log) -> None:
    log.append([event(n) for n in range(10)])
    assert [e.seq for e in log.read(3, 4)] == [4, 5, 6, 7]
    assert log.read(10, 4) == []
    assert log.head() == 10
    assert log.backlog(4) == 6
    assert [e.seq for e in log.many([9, 2, 77])] == [2, 9]
    missing, there = log.one(77), log.one(3)
    assert missing is None
    assert there is not None
    assert there.message_id == "m2"


def test_a_retry_is_there_once(log: Log) -> None:
    log.append([event(1), event(2)])
    answer = log.append([event(2), event(3), event(3), event(1)])
    assert (answer.stored, answer.duplicates, answer.last_seq) == (1, [0, 2, 3], 3)
    assert [e.message_id for e in log.read(0, 10)] == ["m1", "m2", "m3"]


def test_the_same_message_id_of_another_source_is_another_event(log: Log) -> None:
    assert log.append([event(1), event(1, source="till")]).stored == 2


def test_live_events_are_forgotten_after_their_time_others_never(
    log: Log, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anstoss.log.seen.PART_SLOTS", (8,))
    lasting = [event(2, live=False), event(3, origin="engine"), event(4, origin="reaction")]
    log.append([event(1), *lasting])
    clock.advance(DAY)
    log.append([event(n) for n in range(10, 20)])
    clock.advance(29 * DAY)
    log.append([event(n) for n in range(20, 30)])
    assert log.append([event(1), *lasting]).duplicates == [0, 1, 2, 3]
    clock.advance(2 * DAY)
    log.append([event(n) for n in range(30, 50)])
    assert log.append([event(1), *lasting]).duplicates == [1, 2, 3]


def test_history_and_live_share_one_memory(log: Log) -> None:
    log.append([event(1), event(2, live=False)])
    assert log.append([event(1, live=False), event(2)]).duplicates == [0, 1]


def test_stamps_never_go_back(log: Log, home: Home) -> None:
    log.append([event(1)])
    behind = Log(home, ManualClock(START - DAY))
    behind.append([event(2)])
    behind.close()
    log.append([event(3)], received_at=START + 7)
    log.append([event(4)])
    assert [e.received_at for e in log.read(0, 9)] == [START, START, START + 7, START + 7]


def test_a_simulation_stamps_each_row_of_a_group_and_never_backwards(log: Log) -> None:
    log.append([event(1), event(2), event(3)], received_at=[START + 5, START + 3, START + 9])
    log.append([event(3), event(4), event(5)], received_at=[START + 1, START + 2, START + 11])
    assert [e.received_at - START for e in log.read(0, 9)] == [5, 5, 9, 9, 11]
    assert log.append([], received_at=[]).stored == 0


def test_no_row_is_stamped_before_a_horizon_that_was_promised(log: Log, home: Home) -> None:
    promised = log.horizon()
    assert promised == START
    behind = Log(home, ManualClock(START - 5))
    behind.append([event(1)])
    behind.close()
    assert log.read(0, 1)[0].received_at >= promised


def test_a_reader_notices_what_others_and_itself_wrote(log: Log, home: Home) -> None:
    assert log.changed()
    assert not log.changed()
    other = Log(home, ManualClock(START))
    log.changed()
    other.append([event(1)])
    assert log.changed()
    assert not log.changed()
    log.append([event(2)])
    assert log.changed()
    other.close()


def test_rejects_are_kept_shortened_and_bounded(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anstoss.log.log.REJECTS_KEPT", 3)
    for number in range(5):
        log.reject("shop", "invalid_json", b"x" * 5000, f"row {number}")
    kept = log.rejects(10)
    assert [reject.place for reject in kept] == ["row 4", "row 3", "row 2"]
    assert (len(kept[0].raw), kept[0].reason, kept[0].at) == (2048, "invalid_json", START)


def test_a_full_disk_stores_nothing_and_heals_by_itself(log: Log) -> None:
    log.append([event(1)])
    pages = log._writer.execute("PRAGMA page_count").fetchone()[0]
    log._writer.execute(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(LogUnavailable):
        log.append([event(n, payload=b"x" * 1000) for n in range(2, 100)])
    assert log.head() == 1
    log._writer.execute("PRAGMA max_page_count=1000000")
    assert log.append([event(n) for n in range(1, 100)]).duplicates == [0]
    assert log.head() == 99
