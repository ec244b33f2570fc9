"""The warehouse of a home on which no engine runs, for a command that holds the engine lock."""

from collections.abc import Iterator
from contextlib import contextmanager

from anstoss.store.public import Home, connect
from anstoss.warehouse.projector import Projector
from anstoss.warehouse.questions import Questions, SqlOfRule


@contextmanager
def local(home: Home, sql_of_rule: SqlOfRule, memory: str = "1GB") -> Iterator[Questions]:
    """Open the file, bring it up to date with ``state.db``, and answer questions from it."""
    projector = Projector(home, memory)
    state, gate = connect(home.state_db), home.gate("state")
    try:
        projector.catch_up(state, gate)
        yield Questions(projector, sql_of_rule)
    finally:
        state.close()
        gate.close()
        projector.close()
