"""The collector: Segment's HTTP API as a bare ASGI application."""

import base64
import binascii
from collections.abc import Callable
from urllib.parse import parse_qs

import msgspec

from anstoss.brands.public import Brands, Clock, Settings
from anstoss.collect import answers
from anstoss.collect.body import Receive, Scope, Send, read_body
from anstoss.collect.calls import BadCall, Batch, Call, Refused, read_batch, read_call
from anstoss.collect.moments import instant_or_none
from anstoss.collect.rows import Envelope, Sender, row_of_call
from anstoss.collect.senders import Senders, key_in_header
from anstoss.log.public import Group, LogUnavailable, Reject, Row

CALL_MOST = 32 * 1024
WAITING_MOST = 50_000
"""Rows that may wait for the disk."""
COME_BACK = 10
"""Seconds after which to try again. Clients try ten times, so a longer pause outlives a longer trouble."""
_LETTERS = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias", "b": "batch"}
_KINDS = {**_LETTERS, **{kind: kind for kind in _LETTERS.values()}}
_PREFIX = "/v1/"


class UnknownKey(Exception):
    """No source has the write key of the request."""


class Collector:
    """The ASGI application. ``backlog`` says how many events wait for the pulse."""

    def __init__(self, group: Group, brands: Brands, clock: Clock, settings: Settings, backlog: Callable[[], int]):
        self._group = group
        self._clock = clock
        self._settings = settings
        self._backlog = backlog
        self._senders = Senders(brands, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request to a path below ``/v1/``."""
        method, path = scope["method"], scope["path"].removeprefix(_PREFIX).removesuffix("/")
        if method == "OPTIONS":
            await answers.preflight(send)
        elif method == "POST" and path in _KINDS:
            await self._take(_KINDS[path], scope, receive, send)
        elif method == "POST" and path == "m":  # the browser library's own measurements
            await answers.success(send)
        elif method == "GET" and path.startswith("pixel/"):
            await self._pixel(path.removeprefix("pixel/"), scope, send)
        elif method == "GET" and path.startswith("projects/") and path.endswith("/settings"):
            await self._browser_settings(path.split("/")[1], scope, send)
        elif path in _KINDS or path == "m":
            await answers.refusal(send, 405, "method_not_allowed", "send a POST request")
        else:
            await answers.refusal(send, 404, "not_found", f"there is nothing at {_PREFIX}{path}")

    async def _take(self, kind: str, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        try:
            body = await self._body(receive, headers)
            wait = self._overload()
            if wait:
                await answers.refusal(send, 429, "too_busy", "too much is waiting; send it again later", wait)
                return
            rows, rejects, failure = self._read(kind, body, headers, scope)
            if rows or rejects:
                await self._group.append(rows, rejects)
            if failure is not None:
                raise failure
        except UnknownKey:
            await answers.refusal(send, 401, "unknown_write_key", "no source has this write key")
        except Refused as refused:
            await answers.refusal(send, 400, refused.reason, str(refused))
        except LogUnavailable:
            await answers.refusal(send, 503, "unavailable", "events cannot be stored now; send them again", COME_BACK)
        else:
            await answers.success(send)

    async def _body(self, receive: Receive, headers: dict[bytes, bytes]) -> bytes:
        try:
            return await read_body(receive, headers.get(b"content-encoding", b"").strip().lower())
        except Refused as refused:
            sender = self._sender_in(headers)
            if sender is not None:
                await self._group.append((), [Reject(sender.source, refused.reason, b"", str(refused))])
            raise

    def _overload(self) -> int:
        """Seconds after which a client should come back, 0 when there is room."""
        if self._group.waiting > WAITING_MOST:
            return 1
        return COME_BACK if self._backlog() > self._settings.max_backlog else 0

    def _read(
        self, kind: str, body: bytes, headers: dict[bytes, bytes], scope: Scope
    ) -> tuple[list[Row], list[Reject], Refused | None]:
        """The rows and rejects in a body; the failure, when the request is to be refused although it is recorded."""
        sender = self._sender_in(headers)
        try:
            if kind == "batch":
                batch, bad = read_batch(body)
            else:
                if len(body) > CALL_MOST:
                    raise Refused("payload_too_large", f"a single call may have {CALL_MOST} bytes")
                call = read_call(body)
                call.type = kind
                batch, bad = Batch([call], call.sent_at, write_key=call.write_key), []
            sender = sender or self._sender_with(batch.write_key)
            envelope = self._envelope(batch, body, self._visitor(headers, scope) if sender.browser else "")
        except Refused as refused:
            if sender is None:
                raise
            return [], [Reject(sender.source, refused.reason, body, kind)], refused
        rows, rejects, failure = to_rows(batch.batch, sender, envelope)
        rejects += [_reject(sender, call) for call in bad]
        return rows, rejects, failure if kind != "batch" else None

    def _sender_in(self, headers: dict[bytes, bytes]) -> Sender | None:
        key = key_in_header(headers.get(b"authorization", b""))
        return None if key is None else self._sender_with(key)

    def _sender_with(self, write_key: str | None) -> Sender:
        sender = self._senders.with_key(write_key) if write_key else None
        if sender is None:
            raise UnknownKey
        return sender

    def _envelope(self, batch: Batch, body: bytes, ip: str) -> Envelope:
        shared = bytes(batch.context)
        if shared[0] != 123 and shared != b"null":
            raise Refused("invalid_type", "context must be an object")
        return Envelope(
            received_at=self._clock.now(),
            sent_at=instant_or_none(batch.sent_at),
            context=shared if shared[0] == 123 and len(shared) > 2 else b"",
            ip=ip,
            has_contacts=b"email" in body or b"phone" in body,
            has_history=b"historical" in body,
        )

    def _visitor(self, headers: dict[bytes, bytes], scope: Scope) -> str:
        if self._settings.trusted_proxy and b"x-forwarded-for" in headers:
            # The last entry is the one our own proxy wrote; those before it are the visitor's claims.
            return headers[b"x-forwarded-for"].rpartition(b",")[2].strip().decode("latin-1")
        client = scope.get("client")
        return str(client[0]) if client else ""

    async def _pixel(self, kind: str, scope: Scope, send: Send) -> None:
        """A call in the address of a picture: ``?data=`` is a call as base64 JSON. A picture cannot show an error."""
        data = parse_qs(scope["query_string"].decode("latin-1")).get("data", [""])[0]
        try:
            body = base64.b64decode(data.replace("-", "+").replace("_", "/") + "===")
            if kind in _KINDS and not self._overload():
                rows, rejects, _ = self._read(_KINDS[kind], body, {}, scope)
                await self._group.append(rows, rejects)
        except (binascii.Error, Refused, UnknownKey, LogUnavailable):
            pass
        await answers.pixel(send)

    async def _browser_settings(self, write_key: str, scope: Scope, send: Send) -> None:
        if self._senders.with_key(write_key) is None:
            await answers.refusal(send, 404, "unknown_write_key", "no source has this write key")
            return
        headers = dict(scope["headers"])
        scheme = scope["scheme"]
        if self._settings.trusted_proxy:
            scheme = headers.get(b"x-forwarded-proto", scheme.encode()).decode("latin-1")
        await answers.browser_settings(send, write_key, scheme, headers.get(b"host", b"localhost").decode("latin-1"))


def to_rows(calls: list[Call], sender: Sender, envelope: Envelope) -> tuple[list[Row], list[Reject], Refused | None]:
    """The rows of calls, the rejects of those that cannot be taken, and the last reason."""
    rows: list[Row] = []
    rejects: list[Reject] = []
    failure = None
    for index, call in enumerate(calls):
        try:
            rows.append(row_of_call(call, sender, envelope))
        except Refused as refused:
            failure = refused
            rejects.append(_reject(sender, BadCall(index, refused.reason, str(refused), msgspec.json.encode(call))))
    return rows, rejects, failure


def _reject(sender: Sender, call: BadCall) -> Reject:
    return Reject(sender.source, call.reason, call.raw, f"event {call.index + 1}: {call.text}")
