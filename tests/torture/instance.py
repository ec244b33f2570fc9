"""A whole instance as real processes on a home of its own, without the back office."""

import multiprocessing
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.pulse.homes import BRAND, START, TEMPLATE

from anstoss.brands.public import DAY, MINUTE, SECOND, FileClock, Settings, Source, open_brands, set_clock
from anstoss.collect.public import serve as serve_intake
from anstoss.delivery.public import serve as serve_sender
from anstoss.log.public import Log
from anstoss.pulse.public import Pulse, publish, serve, starting_definitions
from anstoss.store.public import Home, connect, read_documents

PATIENCE = 90.0
"""Real seconds that something may take on a busy machine before it counts as broken."""
SERVE = {"intake": serve_intake, "engine": serve, "sender": serve_sender}
RECEIPT = TEMPLATE.replace("key: reminder", "---\nkey: receipt").replace("purpose: marketing", "purpose: transactional")
DEFINITIONS = f"""{TEMPLATE}{RECEIPT}
---
journey: basket
phase: conversion
start: {{on: Checkout Started}}
key: order_id
again: {{at_most: 1000}}
leave_on: {{event: Order Completed}}
goal: {{event: Order Completed, within: 7d}}
steps:
  - wait: 1s
  - send: reminder
  - wait: {{for: {{event: Email Link Clicked}}, at_most: 1s}}
  - {{send: reminder, id: second}}
---
journey: thanks
phase: growth
purpose: transactional
start: {{on: Order Completed}}
key: order_id
again: {{at_most: 1000}}
steps:
  - {{send: receipt, id: at-once}}
  - wait: 1s
  - {{send: receipt, id: later}}
---
segment: looking
rule: {{did: {{event: Product Viewed, at_least: 2, within: 2s}}}}
---
segment: growing
rule: {{all: [{{stage: {{lifecycle: shop, in: [growth]}}}}, {{consent: {{channel: email}}}}]}}
"""

# Children are forked from a clean server that has everything imported: a start takes milliseconds, and no open file or
# lock of the tests is inherited.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.torture.instance", "uvicorn", "uvloop", "httptools"])


@dataclass
class Instance:
    """The home and its processes by name (``intake``, ``intake-2``, ``engine``, ``sender``, …)."""

    path: Path
    running: dict[str, BaseProcess] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home = Home(self.path)
        self.home.create()
        brands = open_brands(self.home)
        brands.add_brand(BRAND)
        brands.add_source(Source("web", BRAND.key), "test-key")
        # By day, whatever the computer says: at night nothing promotional would go out.
        set_clock(self.home.clock_file, shows=START)
        self.clock = FileClock(self.home.clock_file)
        self.log = Log(self.home, self.clock)
        publish(self.home, self.log, self.clock, [*starting_definitions(), *read_documents(DEFINITIONS)])
        Pulse(self.home, self.log, self.clock).close()
        self.reopen()

    def reopen(self) -> None:
        """Open ``state.db``, also when another file was put in its place."""
        self.con = connect(self.home.state_db)

    def start(self, *names: str) -> None:
        """Start these processes; one that runs is left alone."""
        for name in names:
            if name in self.running and self.running[name].is_alive():
                continue
            kind = name.partition("-")[0]
            port = self.ports.setdefault(name, free_port()) if kind == "intake" else 0
            settings = Settings(home=str(self.path), port=port, log_level="critical")
            self.running[name] = processes.Process(target=SERVE[kind], args=(self.home, settings))
            self.running[name].start()

    def kill(self, *names: str) -> None:
        """``kill -9`` them, all at the same moment."""
        for name in names:
            self.running[name].kill()
        for name in names:
            self.running[name].join()

    def end(self) -> None:
        """Ask all to end, and see that they do."""
        for child in self.running.values():
            child.terminate()
        for name, child in self.running.items():
            child.join(PATIENCE)
            assert child.exitcode in (0, -9), f"{name} ended with {child.exitcode}"
        self.running.clear()

    def settle(self) -> None:
        """Two minutes pass, and everything due goes out; then three days, in which what was put off goes or expires."""
        for passing in (2 * MINUTE, 3 * DAY):
            set_clock(self.home.clock_file, shows=self.clock.now() + passing)
            self.clock = FileClock(self.home.clock_file)  # the old one looks at the file only now and then
            until(self._is_settled)

    def _is_settled(self) -> bool:
        still_open = self.con.execute(
            "SELECT count(*) FROM message WHERE state IN ('leased', 'handed', 'refused')"
            " OR (state = 'planned' AND not_before <= ?)",
            (self.clock.now(),),
        ).fetchone()[0]
        position, caught_up = self.con.execute("SELECT position, caught_up_at FROM pulse_beat").fetchone()
        due = self.con.execute("SELECT count(*) FROM person WHERE wake_at < ?", (self.clock.now(),)).fetchone()[0]
        is_now = self.clock.now() - caught_up < 10 * SECOND
        return bool(not still_open and not due and is_now and position == self.log.head())


def free_port() -> int:
    """A port of loopback that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def until(what: Callable[[], bool]) -> None:
    """Wait for other processes: this cannot be simulated."""
    patience = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < patience, f"nothing happened within {PATIENCE:.0f} s"
        time.sleep(0.02)
