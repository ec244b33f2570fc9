from collections.abc import Iterator
from pathlib import Path

import pytest

from anstoss.warehouse.public import Projector

from .hand import State


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State(tmp_path / "home")
    yield state
    state.close()


@pytest.fixture
def projector(state: State) -> Iterator[Projector]:
    projector = Projector(state.home, "256MB")
    yield projector
    projector.close()
