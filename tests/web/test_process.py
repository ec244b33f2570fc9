"""The web process behind the real front door."""

import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from anstoss.brands.public import FileClock
from anstoss.log.public import Log
from anstoss.pulse.public import Pulse
from anstoss.store.public import Home
from anstoss.web.public import create_staff

PATIENCE = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[tuple[Home, str, subprocess.Popen[bytes]]]:
    home = Home(tmp_path)
    home.create()
    clock = FileClock(home.clock_file)
    log = Log(home, clock)
    Pulse(home, log, clock).close()
    log.close()
    create_staff(home, "lena", "fichte am hang")
    port = free_port()
    outside = {name: value for name, value in os.environ.items() if not name.startswith("ANSTOSS_")}
    env = {**outside, "ANSTOSS_HOME": str(tmp_path), "ANSTOSS_PORT": str(port), "ANSTOSS_LOG_LEVEL": "warning"}
    rooms = [subprocess.Popen([sys.executable, "-m", f"anstoss.{room}"], env=env) for room in ("web", "collect")]
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(f"{base}/healthz")
        yield home, base, rooms[0]
    finally:
        for room in rooms:
            room.terminate()
        for room in rooms:
            room.wait(PATIENCE)


def wait_for(address: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{address} did not come up")


@pytest.mark.slow
def test_staff_log_in_through_the_front_door(instance: tuple[Home, str, subprocess.Popen[bytes]]) -> None:
    home, base, process = instance
    assert stat.S_IMODE(home.web_socket.stat().st_mode) == 0o600
    with httpx.Client(base_url=base) as browser:
        asked = browser.get("/")
        assert asked.status_code == 302
        assert asked.headers["location"] == "/login/?next=/"
        page = browser.get("/login/")
        assert page.status_code == 200
        assert len(page.headers.get_list("date")) == 1
        form = {
            "username": "lena",
            "password": "fichte am hang",
            "csrfmiddlewaretoken": page.text.partition('csrfmiddlewaretoken" value="')[2].partition('"')[0],
        }
        assert browser.post("/login/", data=form | {"csrfmiddlewaretoken": "x"}).status_code == 403
        entered = browser.post("/login/", data=form)
        assert entered.status_code == 302
        assert browser.get(entered.headers["location"]).status_code == 200
        assert browser.get("/static/web/tokens.css").headers["content-type"].startswith("text/css")
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert not home.web_socket.exists()
