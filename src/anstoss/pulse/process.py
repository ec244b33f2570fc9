"""The engine: the pulse, the warehouse's feed and the engine socket, in one process per home."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog

from anstoss.brands.public import Clock, FileClock, Settings
from anstoss.log.public import Log, LogUnavailable
from anstoss.pulse.engine import Pulse
from anstoss.rules.public import compile_rule, sql
from anstoss.store.public import Gate, Home, connect, sqlite3
from anstoss.warehouse.public import EngineSocket, Projector, Questions, local

QUICK, SLOW = 0.003, 0.015
"""Seconds between two looks at the log: after work, and after a while without."""
LOOKS_QUICK = 400
PROJECT_EVERY = 1.0
"""Seconds between two copies into the warehouse; nothing urgent reads it."""
LONGEST_PAUSE = 10.0

_log = structlog.get_logger("anstoss.pulse")


class EngineRuns(RuntimeError):
    """Another process runs the pulse on this home."""


@contextmanager
def engine_lock(home: Home) -> Iterator[Gate]:
    """Be the one process that runs the pulse on a home, or ``EngineRuns``."""
    lock = Gate(home.engine_lock)
    if not lock.try_enter():
        raise EngineRuns(f"an engine already runs on {home.path}")
    try:
        yield lock
    finally:
        lock.__exit__(None, None, None)
        lock.close()


def serve(home: Home, settings: Settings) -> None:
    """Run the engine until SIGTERM or SIGINT; the batch in hand is finished first."""
    clock = FileClock(home.clock_file)
    with engine_lock(home):
        loop = _Loop(home, clock, settings)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: loop.stop())
        loop.run()


@contextmanager
def caught_up(home: Home) -> Iterator[Pulse]:
    """The pulse of a home on which no engine runs, with everything in the log folded; ``EngineRuns`` when one does."""
    clock = FileClock(home.clock_file)
    with engine_lock(home):
        pulse = Pulse(home, Log(home, clock), clock)
        try:
            pulse.catch_up()
            yield pulse
        finally:
            pulse.close()


@contextmanager
def questions_to(pulse: Pulse, home: Home, memory: str) -> Iterator[Questions]:
    """The warehouse of a home on which this very process runs the pulse, brought up to date."""
    with local(home, lambda body: sql_of_rule(pulse, body), memory) as questions:
        yield questions


def sql_of_rule(pulse: Pulse, body: object) -> str:
    """DuckDB SQL for a rule in the terms now in force; ``RuleError`` when it is wrong."""
    return sql(compile_rule(body, pulse.world.eras.now.definitions.vocabulary))


class _Loop:
    def __init__(self, home: Home, clock: Clock, settings: Settings) -> None:
        self._home, self._clock, self._settings = home, clock, settings
        self._log = Log(home, clock)
        self._pulse = Pulse(home, self._log, clock)
        self._stopped = threading.Event()
        # A thread of its own: opening a large or damaged warehouse takes minutes, and nobody's mail waits for it.
        self._feeder = threading.Thread(target=self._feed, name="feed", daemon=True)

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        self._feeder.start()
        pause = 0.0
        while not self._stopped.is_set():
            try:
                if not self._pulse.step():
                    self._wait()
                pause = 0.0
            except (LogUnavailable, sqlite3.Error, OSError) as failure:
                # A full disk, say: nothing of the batch was written, so it is tried again.
                pause = min(LONGEST_PAUSE, pause * 2 or 0.5)
                _log.error("the pulse pauses and will try again", error=str(failure), seconds=pause)
                self._stopped.wait(pause)
                self._pulse = self._again()
        self._feeder.join()
        self._pulse.close()

    def _again(self) -> Pulse:
        with suppress(sqlite3.Error):
            self._pulse.con.close()
        while not self._stopped.is_set():
            try:
                return Pulse(self._home, self._log, self._clock)
            except (LogUnavailable, sqlite3.Error, OSError):
                self._stopped.wait(1.0)
        return self._pulse

    def _wait(self) -> None:
        """Until the log grows or something falls due."""
        wakes, looks = self._pulse.wakes_at(), 0
        until = time.monotonic() + 1.0
        while not self._stopped.is_set() and not self._log.changed() and time.monotonic() < until:
            if wakes is not None and wakes <= self._clock.now():
                return
            looks += 1
            time.sleep(QUICK if looks < LOOKS_QUICK else SLOW)

    def _feed(self) -> None:
        projector = Projector(self._home, self._settings.duckdb_memory)
        socket = EngineSocket(self._home, Questions(projector, lambda body: sql_of_rule(self._pulse, body)))
        state, gate = connect(self._home.state_db), self._home.gate("state")
        while not self._stopped.wait(PROJECT_EVERY):
            try:
                while projector.project(state) and not self._stopped.is_set():
                    projector.consumed(state, gate)
                projector.consumed(state, gate)
            except Exception:  # the warehouse can always be fed again; the pulse must not end for it
                _log.exception("feeding the warehouse failed and will be tried again")
        socket.close()
        projector.close()
        state.close()
