"""Reading a request body within limits, also when it is compressed."""

import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from anstoss.collect.calls import Refused

BODY_MOST = 5 * 1024 * 1024
"""Most bytes of a body, after decompression. RudderStack's clients send up to 4 MiB."""
_DRAIN_MOST = 4 * BODY_MOST

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def read_body(receive: Receive, encoding: bytes) -> bytes:
    """The decompressed body. ``Refused`` when it is too large, broken, or encoded in an unknown way."""
    message = await receive()
    if not message.get("more_body") and not encoding:  # nearly every request
        return _checked(message.get("body", b""))
    chunks = [message.get("body", b"")]
    size = len(chunks[0])
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused("cut_off", "the connection ended before the body did")
        size += len(message.get("body", b""))
        if size <= BODY_MOST:
            chunks.append(message.get("body", b""))
        elif size > _DRAIN_MOST:
            break
        # What is too large is still read to a point: a client that is cut off while sending never sees the answer.
    if size > BODY_MOST:
        raise _too_large()
    body = b"".join(chunks)
    if encoding in (b"", b"identity"):
        return body
    if encoding == b"gzip":
        return _gunzip(body)
    raise Refused("unknown_encoding", "Content-Encoding may be gzip or absent")


def _gunzip(body: bytes) -> bytes:
    """Decompressed up to the limit and no further: a small bomb must not become a large string."""
    parts, left = [], BODY_MOST + 1
    try:
        while body:
            member = zlib.decompressobj(wbits=31)
            parts.append(member.decompress(body, left))
            left -= len(parts[-1])
            if left <= 0:
                raise _too_large()
            if not member.eof:
                raise Refused("invalid_gzip", "the body ends before its gzip stream does")
            body = member.unused_data
    except zlib.error:
        raise Refused("invalid_gzip", "the body is no gzip stream") from None
    return b"".join(parts)


def _checked(body: bytes) -> bytes:
    if len(body) > BODY_MOST:
        raise _too_large()
    return body


def _too_large() -> Refused:
    return Refused("payload_too_large", f"a request may have {BODY_MOST} bytes after decompression")
