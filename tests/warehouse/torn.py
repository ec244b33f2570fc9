"""A process that changes state.db and projects, until it is killed: run with the home and a seed."""

import random
import sys
from pathlib import Path

from tests.warehouse.hand import State

from anstoss.store.public import transaction
from anstoss.warehouse.public import Projector


def main(home: str, seed: int) -> None:
    """Never ends by itself."""
    chance = random.Random(seed)  # noqa: S311  repeatable, not secret
    state = State(Path(home))
    seq = state.con.execute("SELECT coalesce(max(seq), 0) FROM history").fetchone()[0]
    projector = Projector(state.home, "128MB")
    print("running", flush=True)
    while True:
        with transaction(state.con, state.gate):
            for _ in range(chance.randrange(1, 300)):
                seq += 1
                state.append(
                    chance.randrange(1, 200), seq, "Page Viewed", at=seq, path="/" + "x" * chance.randrange(90)
                )
        if chance.random() < 0.2:
            state.merge(chance.randrange(1, 200), chance.randrange(1, 200))
        projector.project(state.con, limit=chance.randrange(1, 500))
        if chance.random() < 0.5:
            projector.consumed(state.con, state.gate)
        if chance.random() < 0.03:
            projector.rebuild()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
