"""The event row."""

import json
from typing import Any

import msgspec
import orjson


class NewEvent(msgspec.Struct, frozen=True, gc=False):
    """An event on its way into the log. All instants are UTC microseconds.

    ``identity`` names who it concerns, as the sender knew them: ``user:<brand>/<id>``, ``anon:<id>``,
    ``email:<normalised>``, ``phone:<e164>``, ``ext:<system>/<id>``. ``payload`` is the bytes of a JSON object with
    ``properties`` or ``traits`` and ``context``. Events are equal when source and message id are.
    """

    source: str
    message_id: str
    identity: tuple[str, ...]
    type: str
    name: str
    brand: str
    occurred_at: int
    payload: bytes = b"{}"
    origin: str = "outside"
    live: bool = True
    sent_at: int | None = None
    original_timestamp: int | None = None


class Event(msgspec.Struct, frozen=True, gc=False):
    """An event in the log. ``seq`` orders all of them; ``received_at`` never decreases with ``seq``."""

    seq: int
    received_at: int
    source: str
    message_id: str
    identity: tuple[str, ...]
    type: str
    name: str
    brand: str
    occurred_at: int
    payload: bytes
    origin: str
    live: bool
    sent_at: int | None
    original_timestamp: int | None


class Reject(msgspec.Struct, frozen=True):
    """What could not become an event. ``place`` says where in the request or file; ``raw`` is its first 2,048 bytes."""

    source: str
    reason: str
    raw: bytes
    place: str
    at: int = 0


class Appended(msgspec.Struct, frozen=True):
    """What became of a group: how many were new, the indexes of those that were there already, the head after it."""

    stored: int
    duplicates: list[int]
    last_seq: int


class LogUnavailable(RuntimeError):
    """The log cannot be written (disk full, I/O error). Nothing of the group was stored; trying again later is safe."""


Row = tuple[str, str, str, str, str, str, int, bytes, str, int, int | None, int | None]
"""A row in the order of the table after ``seq`` and ``received_at``; the identity is joined by line feeds."""


def row_of(event: NewEvent) -> Row:
    """The stored form of an event."""
    return (
        event.source,
        event.message_id,
        "\n".join(event.identity),
        event.type,
        event.name,
        event.brand,
        event.occurred_at,
        event.payload,
        event.origin,
        int(event.live),
        event.sent_at,
        event.original_timestamp,
    )


DEEPEST = 100
"""Levels of a payload that are read; writers of JSON give up at some 250."""


def contents(payload: bytes) -> dict[str, Any]:
    """A payload as values. Intake does not read what it carries, so here nothing is an error: numbers beyond any range
    (``1e999``, 400 digits) become infinite, whole numbers beyond 64 bits floating, and what lies deeper than
    ``DEEPEST`` is empty."""
    try:
        body: dict[str, Any] = orjson.loads(payload)
    except orjson.JSONDecodeError:
        try:
            body = json.loads(payload, parse_int=_number)
        except RecursionError:
            return {}
    if payload.count(b"{") + payload.count(b"[") > DEEPEST:
        body = _to_depth(body, DEEPEST)
    return body


def _number(digits: str) -> int | float:
    """A whole number as orjson reads it. Python refuses to read more than 4,300 digits as an integer."""
    number = int(digits) if len(digits) <= 20 else float(digits)
    return number if -(2**63) <= number < 2**64 else float(number)


def _to_depth(value: Any, levels: int) -> Any:
    if isinstance(value, dict):
        return {key: _to_depth(part, levels - 1) for key, part in value.items()} if levels else {}
    if isinstance(value, list):
        return [_to_depth(part, levels - 1) for part in value] if levels else []
    return value
