"""The data directory of one instance."""

import os
from dataclasses import dataclass
from pathlib import Path

from anstoss.store.sqlite import Gate


@dataclass(frozen=True)
class Home:
    """Where an instance keeps its files. Nothing of an instance lies outside its home."""

    path: Path

    @property
    def log_db(self) -> Path:
        """The ordered log of events (SQLite)."""
        return self.path / "log.db"

    @property
    def state_db(self) -> Path:
        """Everything else that is operational (SQLite)."""
        return self.path / "state.db"

    @property
    def mailbox_db(self) -> Path:
        """What the built-in mailbox channel received (SQLite)."""
        return self.path / "mailbox.db"

    @property
    def duckdb_file(self) -> Path:
        """The warehouse (DuckDB)."""
        return self.path / "warehouse.duckdb"

    @property
    def engine_socket(self) -> Path:
        """Where the running engine answers questions about everyone."""
        return self.path / "engine.sock"

    @property
    def engine_lock(self) -> Path:
        """Held by the one process that runs the pulse on this home."""
        return self.path / "engine.lock"

    @property
    def web_socket(self) -> Path:
        """Where the web process listens for the front door."""
        return self.path / "web.sock"

    @property
    def clock_file(self) -> Path:
        """The clock of all processes."""
        return self.path / "clock.json"

    @property
    def secret_file(self) -> Path:
        """The instance's secret: signs links and sessions."""
        return self.path / "secret"

    @property
    def exists(self) -> bool:
        """Whether an instance has been initialised here."""
        return self.secret_file.exists()

    def gate(self, name: str) -> Gate:
        """A new handle on the write gate of ``name`` (``log``, ``state``, ``mailbox``)."""
        return Gate(self.path / f"{name}.gate")

    def create(self) -> None:
        """Make the directory (readable by its owner only) and its secret; keeps what is there."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.secret_file.exists():
            handle = os.open(self.secret_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(os.urandom(32).hex())

    def secret(self) -> bytes:
        """The instance's 32 secret bytes."""
        return bytes.fromhex(self.secret_file.read_text(encoding="ascii").strip())
