"""The sender as a process."""

import signal
import time

import structlog

from anstoss.brands.public import HOUR, SECOND, FileClock, Settings
from anstoss.delivery.sender import Sender
from anstoss.log.public import Log, LogUnavailable
from anstoss.store.public import Home, sqlite3

QUICK, SLOW = 0.002, 0.020
"""Seconds between two looks at the outbox: after work, and after a while without."""
LOOKS_QUICK = 250
HOUSEKEEPING = 1.0
"""Seconds after which the outbox is gone through even when nobody wrote: leases run out, messages fall due."""
WORST_PAUSE = 30.0

_log = structlog.get_logger("anstoss.delivery")


def serve(home: Home, settings: Settings) -> None:
    """Send until SIGTERM or SIGINT; the batch in hand is finished first."""
    clock = FileClock(home.clock_file)
    sender = Sender(home, Log(home, clock), clock)
    loop = _Loop(sender, clock)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.stop())
    loop.run()
    sender.close()


class _Loop:
    def __init__(self, sender: Sender, clock: FileClock) -> None:
        self._sender = sender
        self._clock = clock
        self._stopping = False
        self._pause = 0.0

    def stop(self) -> None:
        self._stopping = True

    def run(self) -> None:
        while not self._stopping:
            version = self._sender.data_version()
            self._sender.pace = max(1.0, HOUR / SECOND / self._clock.real(self._clock.now() + HOUR))
            if not self._work():
                self._wait(version)

    def _work(self) -> int:
        """One batch. What fails is logged and tried again after a pause that grows; nothing is lost by waiting."""
        try:
            moved = self._sender.run_once()
        except (LogUnavailable, sqlite3.Error, OSError) as failure:
            self._pause = min(WORST_PAUSE, self._pause * 2 or 0.5)
            _log.error("sending failed, will try again", error=str(failure), seconds=self._pause)
            self._sleep(self._pause)
            return 0
        self._pause = 0.0
        return moved

    def _wait(self, version: int) -> None:
        """Until somebody writes, something falls due, or housekeeping is due."""
        due = self._sender.next_due()
        seconds = HOUSEKEEPING if due is None else min(HOUSEKEEPING, max(0.0, self._clock.real(due)))
        until = time.monotonic() + seconds
        looks = 0
        while not self._stopping and time.monotonic() < until and self._sender.data_version() == version:
            looks += 1
            time.sleep(QUICK if looks < LOOKS_QUICK else SLOW)

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < until:
            time.sleep(SLOW)
