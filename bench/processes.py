"""The processes of a home, as ``anstoss run`` starts them, and what they use."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from anstoss.brands.public import Settings
from anstoss.cli.supervisor import environment
from anstoss.store.public import Home


@contextmanager
def running(home: Home, rooms: Sequence[str]) -> Iterator[tuple[int, dict[str, int]]]:
    """Start these rooms as processes: (port of the front door, process ids by room)."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    env = {**os.environ, **environment(home, Settings(port=port, log_level="error"))}
    pids = {}
    with ExitStack() as stack:
        for room in rooms:
            process = subprocess.Popen([sys.executable, "-m", f"anstoss.{room}"], env=env)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            pids[room] = process.pid
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        time.sleep(2)
        yield port, pids


def memory(pids: dict[str, int]) -> dict[str, tuple[float, float]]:
    """By room, in MB: resident memory, and its proportional share (what several map is divided among them).

    Linux only. Resident memory counts pages of mapped database files that the kernel can drop at any time.
    """
    found = {}
    for room, pid in pids.items():
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
        sizes = {name: int(size.split()[0]) / 1024 for name, _, size in (line.partition(":") for line in lines)}
        found[room] = (sizes["Rss"], sizes["Pss"])
    return found
