"""Group commit: appenders of one event loop share a transaction and its fsync."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from anstoss.log.event import Reject, Row
from anstoss.log.log import Log

GROUP_ROWS = 1_000


class Group:
    """Gathers what arrives while the last group is being written, and writes it as the next one.

    Rows are inserted on the loop, where nobody else wants the interpreter: SQLite gives it up at each row, and in a
    thread it would come back only after the loop's next pause. The commit with its fsync runs in a thread, so the loop
    goes on answering. ``waiting`` rows are a measure of overload.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._queue: list[tuple[Sequence[Row], Sequence[Reject], asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log")
        self.waiting = 0

    async def append(self, rows: Sequence[Row], rejects: Sequence[Reject] = ()) -> None:
        """Return when the rows are on disk; ``LogUnavailable`` when they are not and should be sent again."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((rows, rejects, done))
        self.waiting += len(rows) + len(rejects)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await done

    async def close(self) -> None:
        """Finish what was begun."""
        if self._writer is not None:
            await self._writer
        self._thread.shutdown()

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue:
            rows, rejects, dones = self._next()
            try:
                if self._log.begin(wait=False):
                    self._log.put(rows, rejects)
                    await loop.run_in_executor(self._thread, self._log.commit)
                else:  # another process is writing
                    await loop.run_in_executor(self._thread, self._log.append_rows, rows, rejects)
            except Exception as failure:
                _tell(dones, failure)
            else:
                _tell(dones, None)
            self.waiting -= len(rows) + len(rejects)
        self._writer = None

    def _next(self) -> tuple[list[Row], list[Reject], list[asyncio.Future[None]]]:
        rows: list[Row] = []
        rejects: list[Reject] = []
        dones = []
        taken = 0
        for more_rows, more_rejects, done in self._queue:
            if taken and len(rows) + len(more_rows) > GROUP_ROWS:
                break
            rows += more_rows
            rejects += more_rejects
            dones.append(done)
            taken += 1
        del self._queue[:taken]
        return rows, rejects, dones


def _tell(dones: list[asyncio.Future[None]], failure: Exception | None) -> None:
    for done in dones:
        if done.cancelled():
            continue
        if failure is None:
            done.set_result(None)
        else:
            done.set_exception(failure)
