"""Asking an instance, whether or not its server runs.

With a running engine, state is read as it stands and questions about everyone go to the engine's socket. Without one,
the command takes the engine lock, folds what is in the log, and answers by itself.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyarrow as pa

from anstoss.brands.public import FileClock, settings
from anstoss.log.public import Log
from anstoss.pulse.public import EngineRuns, Reader, caught_up, is_settled, questions_to
from anstoss.store.public import Connection, Home, connect
from anstoss.warehouse.public import ask

Ask = Callable[..., pa.Table]


@contextmanager
def reader(home: Home) -> Iterator[Reader]:
    """Read customers; what waits in the log is folded first if no engine does it."""
    try:
        with caught_up(home):
            pass
    except EngineRuns:
        pass  # it folds by itself
    read = Reader(home, FileClock(home.clock_file))
    try:
        yield read
    finally:
        read.close()


@contextmanager
def everyone(home: Home) -> Iterator[Ask]:
    """Ask questions about everyone: ``ask(relation, **parameters)`` gives an Arrow table."""
    try:
        with caught_up(home) as pulse, questions_to(pulse, home, settings().duckdb_memory) as questions:
            yield questions.ask
    except EngineRuns:
        yield lambda relation, **parameters: ask(home, relation, **parameters)


def folded(home: Home, seconds: float = 600.0) -> None:
    """Wait until all that is in the log is folded and settled, by a running engine or by this command itself."""
    clock = FileClock(home.clock_file)
    log, con = Log(home, clock), connect(home.state_db)
    head, until = log.head(), time.monotonic() + seconds
    try:
        with caught_up(home) as pulse:
            while not is_settled(con, log, head) and time.monotonic() < until:
                if not pulse.step():
                    time.sleep(0.05)
    except EngineRuns:
        while not (is_settled(con, log, head) and _is_copied(con)) and time.monotonic() < until:
            time.sleep(0.1)
    finally:
        log.close()
        con.close()


def _is_copied(con: Connection) -> bool:
    """Whether the warehouse has everything."""
    return not con.execute("SELECT EXISTS (SELECT 1 FROM outflow)").fetchone()[0]
