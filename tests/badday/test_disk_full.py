"""The disk is full: nothing acknowledged is lost, nothing ends, and when there is room again all goes on by itself."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.torture.instance import Instance, until
from tests.torture.judge import judge
from tests.torture.load import Load

pytestmark = pytest.mark.slow
ALL = ("intake", "engine", "sender")
SMALL = 160 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("not run: the right to mount a small file system is absent")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)  # noqa: S607  # wherever the system keeps it


def begin(instance: Instance) -> Load:
    instance.start(*ALL)
    load = Load((instance.ports["intake"],), seed=3)
    load.start()
    until(lambda: instance.con.execute("SELECT count(*) FROM message WHERE state = 'sent'").fetchone()[0] > 0)
    return load


def go_on(instance: Instance, load: Load) -> None:
    """There is room again: everything that was begun is acknowledged and done, once, by the same processes."""
    assert all(child.is_alive() for child in instance.running.values())
    before = len(load.acknowledged)
    until(lambda: len(load.acknowledged) > before)
    load.stop()
    instance.settle()
    instance.end()
    states = judge(instance, load.acknowledged)
    assert states["sent"] > 0


def test_a_full_disk_pauses_everything_and_ends_nothing(small_disk: Path) -> None:
    instance = Instance(small_disk / "home")
    try:
        load = begin(instance)
        with open(small_disk / "ballast", "wb", buffering=0) as ballast:
            full_since, seconds = time.monotonic(), 4.0
            while time.monotonic() < full_since + seconds:  # whatever becomes free is taken again
                fill(ballast.fileno())
                time.sleep(0.01)
        assert load.answers[503] > 0, "intake says that it cannot store"
        (small_disk / "ballast").unlink()
        go_on(instance, load)
    finally:
        for child in instance.running.values():
            child.kill()


def fill(handle: int) -> None:
    """Write until the disk is full to the last block."""
    for size in (1 << 20, 1 << 12):
        try:
            while True:
                os.write(handle, bytes(size))
        except OSError:
            continue


@pytest.mark.skipif(sys.platform != "linux", reason="not run: limits of a running process are a matter of Linux")
@pytest.mark.parametrize("limited", ALL)
def test_a_process_that_may_write_no_more_pauses_until_it_may(tmp_path: Path, limited: str) -> None:
    instance = Instance(tmp_path / "home")
    try:
        load = begin(instance)
        victim = instance.running[limited].pid
        assert victim is not None
        resource.prlimit(victim, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        until(lambda: limited != "intake" or load.answers[503] > 0)
        time.sleep(1.5)  # long enough for several tries of a real process
        assert instance.running[limited].is_alive()
        resource.prlimit(victim, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        go_on(instance, load)
    finally:
        for child in instance.running.values():
            child.kill()
