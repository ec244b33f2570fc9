"""The way of a newcomer, played as it is written: every file made, every command typed, against real processes."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .reading import text

HOW_TO = text("how-to/connect-a-shop.md")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BASH = shutil.which("bash") or "/bin/bash"
WORKS = f"{Path(sys.executable).parent}:{os.environ['PATH']}"


@dataclass
class Newcomer:
    """Somebody who types what she reads, in a folder of her own, with a port of her own."""

    folder: Path
    port: int
    running: subprocess.Popen[bytes] | None = None
    keys: list[str] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        own = {"PATH": WORKS, "ANSTOSS_HOME": str(self.folder / "acme-home"), "ANSTOSS_PORT": str(self.port)}
        return {"HOME": str(self.folder), "LANG": "C.UTF-8", **own, **({"KEY": self.keys[0]} if self.keys else {})}

    def adapted(self, body: str) -> str:
        key = self.keys[-1] if self.keys else ""
        return re.sub(r"the-(write|browser)-key\b", key, body.replace("localhost:8000", f"localhost:{self.port}"))

    def writes(self, name: str, body: str) -> None:
        file = self.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(self.adapted(body), encoding="utf-8")

    def types(self, body: str) -> str:
        if body.strip() == "anstoss run":
            self.starts()
            return ""
        done = subprocess.run(
            [BASH, "-euc", self.adapted(body)],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, f"{body}\n{done.stdout}\n{done.stderr}"
        self.keys += re.findall(r"write key.*?([\w-]{22})\b", done.stdout)
        return done.stdout

    def starts(self) -> None:
        self.running = subprocess.Popen(
            shlex.split("anstoss run"),
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(300):
            try:
                assert urllib.request.urlopen(f"http://localhost:{self.port}/healthz").status == 200
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("it did not start")

    def waits_for(self, words: str, command: str) -> None:
        for _ in range(100):
            said = self.types(command)
            if words in said:
                return
            time.sleep(0.3)
        raise AssertionError(f"{command} never said {words!r}, but:\n{said}")


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    somebody = Newcomer(tmp_path, port)
    yield somebody
    if somebody.running:
        somebody.running.send_signal(signal.SIGTERM)
        somebody.running.wait(30)


@pytest.mark.slow
def test_a_newcomer_who_does_what_is_written_gets_her_mail(newcomer: Newcomer) -> None:
    said = []
    for fence in FENCE.finditer(HOW_TO):
        language, body = fence[1], fence[2]
        if language in ("yaml", "csv"):
            newcomer.writes(re.findall(r"`([\w/-]+\.(?:yaml|csv))`", HOW_TO[: fence.start()])[-1], body)
        elif language == "python":
            newcomer.writes("shop.py", body)
            newcomer.types("python shop.py")
        elif language == "sh" and "src/anstoss" not in body:
            said.append(newcomer.types(body))
        elif language == "sh":
            newcomer.types(body.replace("src/anstoss", str(Path(__file__).parents[2] / "src/anstoss")))
    everything = "\n".join(said)
    assert '{"success":true}' in everything
    assert "1 people: " in everything
    assert "in tent-lovers" in everything
    newcomer.waits_for("tent-advice sent", "anstoss why anna@example.org --journey tent-advice")
    newcomer.waits_for("Order Completed", "anstoss customers show anna@example.org")
    bought = newcomer.types("anstoss customers show 1001")
    assert re.search(r"^ +orders +2$", bought, re.MULTILINE), "one by the client library, one from the file"
