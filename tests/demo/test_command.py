"""`anstoss demo` as scripts call it: it fills, runs, and ends by itself with one line."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

SUMMARY = re.compile(
    r"demo: ([\d,]+) customers, ([\d,]+) events, ([\d,]+) messages sent, ([\d,]+) in the live part, (\d+) sent twice"
)


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from anstoss.cli.main import main; main()", "demo", *arguments],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


@pytest.fixture
def port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.mark.slow
def test_it_fills_runs_and_ends_by_itself_and_goes_on_where_it_was(tmp_path: Path, port: str) -> None:
    home = str(tmp_path / "demo")
    options = ("--customers", "25", "--home", home, "--port", port, "--headless-for")
    first = demo(*options, "8")
    assert first.returncode == 0, first.stdout + first.stderr
    assert first.stderr == ""
    found = SUMMARY.fullmatch(first.stdout.splitlines()[-1])
    assert found is not None, first.stdout
    assert f"http://localhost:{port}" in first.stdout
    assert (tmp_path / "demo" / "truth.json").exists()

    second = demo(*options, "6")
    assert second.returncode == 0, second.stdout + second.stderr
    assert "is filled already" in second.stdout
    later = SUMMARY.fullmatch(second.stdout.splitlines()[-1])
    assert later is not None, second.stdout
    assert int(later[2].replace(",", "")) > int(found[2].replace(",", ""))
    assert found[5] == later[5] == "0"


def test_a_directory_with_something_else_in_it_is_not_touched(tmp_path: Path, port: str) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    answer = demo("--home", str(tmp_path), "--fresh", "--port", port)
    assert answer.returncode == 1
    assert "holds no demo" in answer.stderr
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_a_port_in_use_is_said_before_anything_is_filled(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = demo("--home", str(tmp_path / "demo"), "--port", str(taken.getsockname()[1]))
    assert answer.returncode == 1
    assert "is in use" in answer.stderr
    assert not (tmp_path / "demo").exists()
