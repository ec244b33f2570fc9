"""The answers of the collector. Only 200, 400, 401, 404, 405, 429 and 503: clients retry others for ever."""

import base64

import orjson

from anstoss.collect.body import Send

Headers = list[tuple[bytes, bytes]]

_JSON: Headers = [(b"content-type", b"application/json"), (b"access-control-allow-origin", b"*")]
PREFLIGHT: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, content-type, x-retry-count"),
    (b"access-control-max-age", b"86400"),
]
_PIXEL = base64.b64decode(b"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


async def answer(send: Send, status: int, body: bytes, headers: Headers) -> None:
    """Send a whole answer. Its length is always given, so the connection can stay open."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def success(send: Send) -> None:
    """Everything is on disk."""
    await answer(send, 200, b'{"success":true}', _JSON)


async def refusal(send: Send, status: int, code: str, message: str, retry_after: int = 0) -> None:
    """What was wrong, in the form all clients understand: an object with the texts ``code`` and ``message``."""
    body = orjson.dumps({"success": False, "code": code, "message": message})
    retry = [(b"retry-after", str(retry_after).encode())] if retry_after else []
    await answer(send, status, body, [*_JSON, *retry])


async def preflight(send: Send) -> None:
    """A browser may call from any page."""
    await answer(send, 200, b"", PREFLIGHT)


async def pixel(send: Send) -> None:
    """A transparent picture of one pixel."""
    await answer(send, 200, _PIXEL, [(b"content-type", b"image/gif"), (b"cache-control", b"no-store")])


async def browser_settings(send: Send, write_key: str, scheme: str, host: str) -> None:
    """What Segment's browser library asks first. One integration only: it loads code for every other it finds."""
    integration = {"apiKey": write_key, "apiHost": f"{host}/v1", "protocol": scheme}
    body = {
        "integrations": {"Segment.io": integration},
        "plan": {},
        "metrics": {"sampleRate": 0},
        "remotePlugins": [],
        "enabledMiddleware": {},
    }
    await answer(send, 200, orjson.dumps(body), [*_JSON, (b"cache-control", b"public, max-age=300")])
