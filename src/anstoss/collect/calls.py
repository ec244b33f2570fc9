"""Calls as they come over the wire (Segment's HTTP API). Content stays raw: intake only looks where it must."""

import json
from typing import NoReturn

import msgspec
from msgspec import Raw

EVENTS_MOST = 2_500
_EMPTY = Raw(b"{}")
Id = str | int | float | None


class Refused(ValueError):
    """A call or request that cannot be taken. ``reason`` is a stable code, the text says what to do."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Call(msgspec.Struct, gc=False, rename="camel"):
    """One call. ``write_key`` and ``sent_at`` matter when it comes alone."""

    type: str | None = None
    message_id: Id = None
    anonymous_id: Id = None
    user_id: Id = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    group_id: Id = None
    previous_id: Id = None
    timestamp: str | None = None
    sent_at: str | None = None
    properties: Raw = _EMPTY
    traits: Raw = _EMPTY
    context: Raw = _EMPTY
    write_key: str | None = None


class Batch(msgspec.Struct, gc=False, rename="camel"):
    """Several calls in one request; its context lies under each call's own."""

    batch: list[Call]
    sent_at: str | int | float | None = None
    context: Raw = _EMPTY
    write_key: str | None = None


class _LooseBatch(msgspec.Struct, gc=False, rename="camel"):
    batch: list[Raw]
    sent_at: str | int | float | None = None
    context: Raw = _EMPTY
    write_key: str | None = None


class BadCall(msgspec.Struct):
    """A call of a batch that could not be read, with its place in the batch."""

    index: int
    reason: str
    text: str
    raw: bytes


_call = msgspec.json.Decoder(Call)
_batch = msgspec.json.Decoder(Batch)
_loose_batch = msgspec.json.Decoder(_LooseBatch)


def read_call(body: bytes) -> Call:
    """The one call in a request body, or ``Refused``."""
    try:
        _check_text(body)
        return _call.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as failure:
        raise _refusal(failure, body) from None


def read_batch(body: bytes) -> tuple[Batch, list[BadCall]]:
    """The calls in a request body and those that cannot be read; ``Refused`` when nothing can.

    A call that is wrong costs only itself: when the whole does not fit, each call is read alone.
    """
    try:
        _check_text(body)
        batch, bad = _batch.decode(body), list[BadCall]()
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        batch, bad = _one_by_one(body)
    if len(batch.batch) + len(bad) > EVENTS_MOST:
        raise Refused("too_many_events", f"a batch may hold {EVENTS_MOST} events; nothing of this one was stored")
    return batch, bad


def _check_text(body: bytes) -> None:
    # Raw content is skipped over, not decoded, so nothing else would notice bytes that are no text.
    if not body.isascii():
        body.decode()


def _one_by_one(body: bytes) -> tuple[Batch, list[BadCall]]:
    try:
        loose = _loose_batch.decode(body)
    except msgspec.ValidationError as failure:
        raise _refusal(failure, body) from None
    except (msgspec.MsgspecError, RecursionError):
        loose = _tolerant(body)
    batch = Batch([], loose.sent_at, loose.context, loose.write_key)
    bad = []
    for index, raw in enumerate(loose.batch):
        try:
            batch.batch.append(read_call(bytes(raw)))
        except Refused as refused:
            bad.append(BadCall(index, refused.reason, str(refused), bytes(raw)))
    return batch, bad


def _tolerant(body: bytes) -> _LooseBatch:
    """Python's SDKs write NaN, which is no JSON: find the call that has it, so that the others can be kept."""
    try:
        whole = json.loads(body)
        calls = whole["batch"]
        rest = json.dumps({**whole, "batch": []}, allow_nan=False).encode()
        loose = _loose_batch.decode(rest)
        loose.batch = [Raw(json.dumps(call).encode()) for call in calls]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Refused("invalid_json", "the body is no JSON object with a list `batch`") from None
    return loose


def _refusal(failure: Exception, body: bytes) -> Refused:
    if isinstance(failure, msgspec.ValidationError):
        return Refused("invalid_type", str(failure))
    try:
        json.loads(body, parse_constant=_no_number)
    except Refused as refused:
        return refused
    except (ValueError, RecursionError):
        pass
    return Refused("invalid_json", str(failure))


def _no_number(name: str) -> NoReturn:
    raise Refused("invalid_number", f"{name} is no JSON number")
