"""The supervisor keeps its processes alive and takes them with it when it dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.pulse.homes import Shop
from tests.torture.instance import free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="not run: /proc is absent"),
]
PROGRAM = """
import sys
from pathlib import Path
from anstoss.brands.public import Settings
from anstoss.cli import supervisor
from anstoss.store.public import Home
supervisor.PROCESSES = ("collect", "pulse", "delivery")
supervisor.Supervisor(Home(Path(sys.argv[1])), Settings(port=int(sys.argv[2]), log_level="error")).run()
"""
ROOMS = ("collect", "pulse", "delivery")
PATIENCE = 30.0


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A supervisor whose three processes are there."""
    Shop(tmp_path / "home").pulse.close()
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path / "home"), str(free_port())])
    until(lambda: set(children(process.pid)) == set(ROOMS))
    yield process
    process.terminate()
    process.wait(PATIENCE)


def children(parent: int) -> dict[str, int]:
    """The processes of a supervisor by room."""
    found = {}
    for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        if b"-m" in words:
            found[words[words.index(b"-m") + 1].decode().removeprefix("anstoss.")] = int(child)
    return found


def is_there(pid: int) -> bool:
    """Whether a process lives; one that is dead and waits to be fetched does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(what: Callable[[], bool], within: float = PATIENCE) -> None:
    patience = time.monotonic() + within
    while not what():
        assert time.monotonic() < patience, "nothing happened"
        time.sleep(0.02)


@pytest.mark.parametrize("room", ROOMS)
def test_a_killed_process_is_there_again_within_two_seconds(supervisor: subprocess.Popen[bytes], room: str) -> None:
    before = children(supervisor.pid)
    os.kill(before[room], signal.SIGKILL)
    until(lambda: children(supervisor.pid).get(room, before[room]) != before[room], within=2.0)
    after = children(supervisor.pid)
    assert {other: after[other] for other in ROOMS if other != room} == {
        other: before[other] for other in ROOMS if other != room
    }, "the others are left alone"


def test_a_killed_supervisor_leaves_nobody_behind(supervisor: subprocess.Popen[bytes]) -> None:
    time.sleep(1.0)  # processes that have begun their work, not only to exist
    orphans = list(children(supervisor.pid).values())
    supervisor.kill()
    supervisor.wait()
    until(lambda: not any(is_there(pid) for pid in orphans))


def test_a_supervisor_killed_while_its_processes_start_leaves_nobody_behind(
    supervisor: subprocess.Popen[bytes],
) -> None:
    orphans = list(children(supervisor.pid).values())
    supervisor.kill()
    supervisor.wait()
    until(lambda: not any(is_there(pid) for pid in orphans))


def test_asked_to_end_it_ends_all(supervisor: subprocess.Popen[bytes]) -> None:
    time.sleep(1.0)
    ended = list(children(supervisor.pid).values())
    supervisor.terminate()
    assert supervisor.wait(PATIENCE) == 0
    assert not any(is_there(pid) for pid in ended)
