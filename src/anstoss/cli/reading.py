"""Asking an instance, whether or not its server runs.

With a running engine, state is read as it stands and questions about everyone go to the engine's socket. Without one,
the command takes the engine lock, folds what is in the log, and answers by itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyarrow as pa

from anstoss.brands.public import FileClock
from anstoss.pulse.public import EngineRuns, Reader, caught_up
from anstoss.store.public import Home
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
        with caught_up(home) as (_, questions):
            yield questions.ask
    except EngineRuns:
        yield lambda relation, **parameters: ask(home, relation, **parameters)
