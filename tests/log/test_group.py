"""Appenders share a commit; the file beside the log stays short."""

import asyncio
import threading

import pytest
from tests.log.conftest import event

from anstoss.log.public import Group, Log, LogUnavailable, Reject, row_of
from anstoss.store.public import Home


def test_what_comes_during_a_commit_is_the_next_group(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = []
    commit = log.commit
    monkeypatch.setattr(log, "commit", lambda: (commits.append(log._size), commit()))

    async def scene() -> None:
        group = Group(log)
        await asyncio.gather(*[group.append([row_of(event(n))]) for n in range(200)])
        assert group.waiting == 0
        await group.close()

    asyncio.run(scene())
    assert [e.message_id for e in log.read(0, 1000)] == [f"m{n}" for n in range(200)]
    assert len(commits) < 20


def test_a_group_is_bounded_but_one_request_is_never_split(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anstoss.log.group.GROUP_ROWS", 10)
    sizes = []
    put = log.put
    monkeypatch.setattr(log, "put", lambda rows, rejects: (sizes.append(len(rows)), put(rows, rejects)))

    async def scene() -> None:
        group = Group(log)
        rows = [row_of(event(n)) for n in range(40)]
        await asyncio.gather(group.append(rows[:4]), group.append(rows[4:8]), group.append(rows[8:40]))
        await group.close()

    asyncio.run(scene())
    assert sizes == [8, 32]


def test_a_failed_group_tells_everyone_and_the_next_succeeds(log: Log) -> None:
    async def scene() -> list[object]:
        group = Group(log)
        log._writer.execute("PRAGMA max_page_count=1")
        many = [group.append([row_of(event(n, payload=b"x" * 5000))]) for n in range(5)]
        answers = await asyncio.gather(*many, return_exceptions=True)
        log._writer.execute("PRAGMA max_page_count=1000000")
        await group.append([row_of(event(1))], [Reject("shop", "invalid_json", b"{", "batch")])
        await group.close()
        return list(answers)

    assert all(isinstance(answer, LogUnavailable) for answer in asyncio.run(scene()))
    assert [e.message_id for e in log.read(0, 10)] == ["m1"]
    assert log.rejects(5)[0].reason == "invalid_json"


def test_the_loop_goes_on_while_another_process_holds_the_gate(log: Log, home: Home) -> None:
    async def scene() -> int:
        group, turns = Group(log), 0
        gate = home.gate("log")
        with gate:
            append = asyncio.create_task(group.append([row_of(event(1))]))
            for _ in range(50):
                await asyncio.sleep(0)
                turns += not append.done()
        await append
        await group.close()
        gate.close()
        return turns

    assert asyncio.run(scene()) == 50
    assert log.head() == 1


def test_threads_share_the_log(log: Log) -> None:
    def append(first: int) -> None:
        for n in range(first, first + 50):
            log.append([event(n)])

    threads = [threading.Thread(target=append, args=(1000 * k,)) for k in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [e.seq for e in log.read(0, 1000)] == list(range(1, 151))


def test_the_write_ahead_log_stays_short_however_much_is_written(
    log: Log, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anstoss.log.tender._BEGIN_AFTER", 1 << 20)
    wal = home.log_db.with_name("log.db-wal")
    reader = Log(home, log._clock)
    largest = 0
    for chunk in range(60):
        log.append([event(1000 * chunk + n, payload=b"x" * 1000) for n in range(500)])
        reader.read(0, 10)
        log._tender.close()
        largest = max(largest, wal.stat().st_size)
    reader.close()
    assert home.log_db.stat().st_size > 25 << 20
    assert largest < 8 << 20
