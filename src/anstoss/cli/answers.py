"""Printing answers: a sentence or table for people, JSON for scripts."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import orjson

from anstoss.store.public import DocumentError, read_documents


def as_json(answer: Any) -> None:
    """Print an answer as JSON."""
    sys.stdout.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode() + "\n")


def say(text: str = "") -> None:
    """Print a line for people."""
    sys.stdout.write(text + "\n")


def refuse(why: str) -> NoReturn:
    """Say what is wrong with the input, and end with exit code 1."""
    sys.stderr.write(f"anstoss: {why}\n")
    sys.exit(1)


def documents_in(file: Path) -> list[Any]:
    """The documents that a file holds; what is wrong with it ends the command, naming file and line."""
    try:
        return read_documents(file.read_text(encoding="utf-8"))
    except DocumentError as error:
        refuse(f"{file}, {error}")
    except UnicodeDecodeError:
        refuse(f"{file}: this is no text in UTF-8")


def iso(instant: int | None) -> str | None:
    """An instant (UTC microseconds) as ISO 8601 text."""
    if instant is None:
        return None
    return datetime.fromtimestamp(instant // 1_000_000, UTC).replace(microsecond=instant % 1_000_000).isoformat()


def iso_times(body: dict[str, Any]) -> dict[str, Any]:
    """A mapping with its instants (``at``, ``since``, ``due``, ``…_at``) as ISO 8601 text."""
    return {key: iso(value) if _is_instant(key, value) else value for key, value in body.items()}


def _is_instant(key: str, value: Any) -> bool:
    return isinstance(value, int) and (key in ("at", "since", "due") or key.endswith("_at"))


def local_time(instant: int, zone: str) -> str:
    """An instant for people: date and time in a zone."""
    from zoneinfo import ZoneInfo

    return datetime.fromtimestamp(instant / 1_000_000, UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
