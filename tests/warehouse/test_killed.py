"""Killed at random moments, the warehouse still contains exactly what history says."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from anstoss.warehouse.public import Projector, content_hash

from .hand import State

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.torture
def test_a_projecting_process_killed_at_random_loses_and_doubles_nothing(state: State) -> None:
    chance = random.Random(7)  # noqa: S311  repeatable, not secret
    for round_ in range(int(os.environ.get("N", "20"))):
        command = [sys.executable, "-m", "tests.warehouse.torn", str(state.home.path), str(round_)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            while process.stdout.readline() != b"running\n":  # the log of a rebuild on start may come first
                assert process.poll() is None
            time.sleep(chance.uniform(0, 0.6))
            assert process.poll() is None
            process.kill()
    stored = state.con.execute("SELECT person, seq, n FROM history ORDER BY 1, 2, 3").fetchall()
    projector = Projector(state.home, "128MB")
    projector.catch_up(state.con, state.gate)
    assert projector.shelf.connection.execute("SELECT person, seq, n FROM facts ORDER BY ALL").fetchall() == stored
    projected = content_hash(projector.shelf.connection)
    projector.rebuild()
    assert content_hash(projector.shelf.connection) == projected
    assert len(stored) > 1_000
    projector.close()
