"""Whole instances under load whose processes are killed at random moments. Log and mailbox are the judges."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .instance import Instance, until
from .judge import copied, judge
from .load import Load

ROUNDS = int(os.environ.get("TORTURE_ROUNDS", "20"))
ALL = ("intake", "intake-2", "engine", "sender", "sender-2")
pytestmark = [pytest.mark.torture, pytest.mark.slow]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    made = Instance(tmp_path / "home")
    try:
        yield made
    finally:
        for child in made.running.values():
            child.kill()


def begin(instance: Instance) -> list[Load]:
    """Everything runs, two shops send, and the first mails are there."""
    instance.start(*ALL)
    loads = [Load((instance.ports["intake"], instance.ports["intake-2"]), seed) for seed in (1, 2)]
    for load in loads:
        load.start()
    until(lambda: instance.con.execute("SELECT count(*) FROM message WHERE state = 'sent'").fetchone()[0] > 3)
    return loads


def finish(instance: Instance, loads: list[Load]) -> list[str]:
    """No more load; everything runs until all is done. Returns what was acknowledged."""
    instance.start(*ALL)
    for load in loads:
        load.stop()
    instance.settle()
    instance.end()
    return [message_id for load in loads for message_id in load.acknowledged]


def test_killed_at_random_moments_nothing_is_lost_and_nothing_happens_twice(instance: Instance) -> None:
    chance = random.Random(ROUNDS)  # noqa: S311  # moments, not secrets
    loads = begin(instance)
    for number in range(ROUNDS):
        time.sleep(chance.uniform(0, 0.5))
        instance.kill(*chance.sample(ALL, chance.choice((1, 1, 2, len(ALL)))))
        if number % 5 == 0:
            instance.start("engine", "engine-2")
            until(lambda: not all(instance.running[name].is_alive() for name in ("engine", "engine-2")))
            assert {instance.running[name].exitcode for name in ("engine", "engine-2")} == {None, 1}, "one gives way"
            instance.kill(*(name for name in ("engine", "engine-2") if instance.running[name].is_alive()))
            del instance.running["engine-2"]
        instance.start(*ALL)
    acknowledged = finish(instance, loads)
    states = judge(instance, acknowledged)
    assert len(acknowledged) > 10 * ROUNDS
    assert sum(load.repeated for load in loads) > 0, "some batches met a dead intake"
    assert states["sent"] > states["uncertain"]


@pytest.mark.parametrize("age", [0.5, 4.0])
def test_a_state_put_back_from_a_backup_sends_nothing_twice(instance: Instance, tmp_path: Path, age: float) -> None:
    loads = begin(instance)
    copied(instance.home, tmp_path / "backup.db")
    time.sleep(age)
    instance.kill(*ALL)
    instance.con.close()
    for file in instance.path.glob("state.db*"):
        file.unlink()
    (tmp_path / "backup.db").rename(instance.home.state_db)
    instance.reopen()
    acknowledged = finish(instance, loads)
    states = judge(instance, acknowledged)
    assert states["sent_before_restore"] > 0, "messages went out after the backup was made"
