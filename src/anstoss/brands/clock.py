"""One clock for all processes of an instance, in UTC microseconds.

The only module that asks the computer for the time. A demo or a test runs the same code under another clock: the clock
file says at which real instant which simulated instant was shown, and how fast simulated time runs.
"""

import json
import os
import time
from pathlib import Path
from typing import Protocol

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Clock(Protocol):
    """Anything that tells the time in UTC microseconds since 1970."""

    def now(self) -> int:
        """The present instant."""

    def real(self, instant: int) -> float:
        """Seconds of real time until ``instant`` of this clock (negative when past)."""


class FileClock:
    """The clock of a home: real time, unless its clock file says otherwise."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._version: tuple[int, int] | None = None
        self._checked = 0
        self._real0, self._sim0, self._speed = 0, 0, 1.0

    def now(self) -> int:
        """The present instant, by the file (looked at again at most every 0.2 real seconds)."""
        real = time.time_ns() // 1000
        if abs(real - self._checked) > SECOND // 5:
            self._checked = real
            self._reload()
        return self._sim0 + int((real - self._real0) * self._speed)

    def real(self, instant: int) -> float:
        """Seconds of real time until ``instant`` of this clock (negative when past)."""
        return (instant - self.now()) / self._speed / SECOND

    def _reload(self) -> None:
        try:
            stat = os.stat(self._path)
        except FileNotFoundError:
            self._real0, self._sim0, self._speed, self._version = 0, 0, 1.0, None
            return
        version = (stat.st_mtime_ns, stat.st_ino)
        if version != self._version:
            body = json.loads(self._path.read_text(encoding="ascii"))
            self._real0, self._sim0, self._speed = int(body["real0"]), int(body["sim0"]), float(body["speed"])
            self._version = version


class ManualClock:
    """A clock that moves only when told: for tests and for simulation."""

    def __init__(self, start: int) -> None:
        self._now = start

    def now(self) -> int:
        """The instant last set."""
        return self._now

    def real(self, instant: int) -> float:
        """Seconds until ``instant``, as if this clock ran like a real one."""
        return (instant - self._now) / SECOND

    def set(self, instant: int) -> None:
        """Move to ``instant``; a clock never goes back."""
        self._now = max(self._now, instant)

    def advance(self, microseconds: int) -> None:
        """Move on by ``microseconds``."""
        self.set(self._now + microseconds)


def set_clock(path: Path, *, shows: int, speed: float = 1.0) -> None:
    """Write a clock file: from this real instant on the clock shows ``shows`` and runs ``speed`` times as fast."""
    body = {"real0": time.time_ns() // 1000, "sim0": shows, "speed": speed}
    scratch = path.with_suffix(".new")
    scratch.write_text(json.dumps(body), encoding="ascii")
    scratch.replace(path)
