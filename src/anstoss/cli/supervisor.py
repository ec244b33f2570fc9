"""Starting the processes of an instance, keeping them alive, and ending them together."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from anstoss.brands.public import Settings
from anstoss.store.public import Home

PROCESSES = ("collect", "web", "pulse", "delivery")
"""Rooms with a ``__main__``: intake and front door, back office, engine, sender."""
STOP_SECONDS = 15.0
"""So long may a process take to finish what it has in hand."""
CALM_SECONDS = 30.0
"""A process that lived so long is restarted at once; one that did not, after a pause that grows."""
LONGEST_PAUSE = 10.0
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG

_log = structlog.get_logger("anstoss.run")


@dataclass
class _Child:
    room: str
    process: subprocess.Popen[bytes]
    started: float
    pause: float = 0.0
    restart_at: float | None = None
    deaths: int = 0


@dataclass
class Supervisor:
    """The processes of one home. Each gets its settings through the environment and shares only files."""

    home: Home
    settings: Settings
    children: list[_Child] = field(default_factory=list)
    _stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def deaths(self) -> int:
        """How often a process ended that should not have."""
        return sum(child.deaths for child in self.children)

    def run(self) -> None:
        """Start, and keep alive until ``stop`` or SIGTERM or SIGINT; then end all together."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        self.start()
        try:
            while not self._stopped.wait(0.1):
                self.look_after()
        finally:
            self.end()

    def stop(self) -> None:
        """Let ``run`` come to its end."""
        self._stopped.set()

    def start(self) -> None:
        """Start every process."""
        self.children = [_Child(room, self._spawn(room), time.monotonic()) for room in PROCESSES]

    def look_after(self) -> None:
        """Restart what died. A process that dies at once is restarted more and more slowly."""
        now = time.monotonic()
        for child in self.children:
            if child.restart_at is None and child.process.poll() is not None:
                child.deaths += 1
                lived = now - child.started
                child.pause = 0.0 if lived > CALM_SECONDS else min(LONGEST_PAUSE, child.pause * 2 or 0.2)
                child.restart_at = now + child.pause
                _log.warning("a process ended and is restarted", process=child.room, code=child.process.returncode)
            if child.restart_at is not None and now >= child.restart_at:
                child.process, child.started, child.restart_at = self._spawn(child.room), now, None

    def end(self) -> None:
        """End all processes, each with time to finish; one that does not is killed."""
        for child in self.children:
            if child.process.poll() is None:
                child.process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for child in self.children:
            try:
                child.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                _log.error("a process did not end and is killed", process=child.room)
                child.process.kill()
                child.process.wait()

    def _spawn(self, room: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-m", f"anstoss.{room}"],
            env={**os.environ, **environment(self.home, self.settings)},
            stdin=subprocess.DEVNULL,
            preexec_fn=_die_with_parent,
        )


def environment(home: Home, settings: Settings) -> Mapping[str, str]:
    """The settings as environment variables, for a child."""
    values = {f"ANSTOSS_{name.upper()}": str(value) for name, value in vars(settings).items()}
    return {**values, "ANSTOSS_HOME": str(home.path)}


def _die_with_parent() -> None:
    # A killed supervisor must not leave an engine behind that nobody can stop; Linux only, harmless elsewhere.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)
    os.setpgrp()
