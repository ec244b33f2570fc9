"""Passing on to the web process what is not for the collector."""

from collections.abc import AsyncIterator

import httpx

from anstoss.collect.answers import answer
from anstoss.collect.body import Receive, Scope, Send
from anstoss.store.public import Home

# RFC 9110, 7.6.1: these speak about one connection only. Host is kept: links are built from it.
_HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade")
)
_DOWN = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Anstoss</title>
<p>The back office is not running, or is just starting. Events are still taken. Try again in a moment.</p>
<p lang="de">Das Back Office läuft nicht oder startet gerade. Ereignisse werden weiter angenommen. Bitte gleich noch
einmal versuchen.</p></html>""".encode()


class Relay:
    """Streams requests to the web process on its socket and its answers back."""

    def __init__(self, home: Home, trusted_proxy: bool) -> None:
        self._trusted_proxy = trusted_proxy
        self._client = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(home.web_socket), limits=httpx.Limits(max_connections=64)),
            timeout=httpx.Timeout(60, connect=5),
            follow_redirects=False,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Relay one request; 502 with a page in plain words when the web process does not answer."""
        path = scope.get("raw_path", scope["path"].encode()).partition(b"?")[0]
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        request = httpx.Request(
            scope["method"],
            httpx.URL(scheme="http", host="web", raw_path=path + query),
            headers=self._headers(scope),
            content=_body(receive) if _has_body(scope) else None,
        )
        started = False
        try:
            response = await self._client.send(request, stream=True)
            try:
                headers = [(name.lower(), value) for name, value in response.headers.raw]
                kept = [pair for pair in headers if pair[0] not in _HOP_BY_HOP]
                started = True
                await send({"type": "http.response.start", "status": response.status_code, "headers": kept})
                async for chunk in response.aiter_raw():
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
            finally:
                await response.aclose()
        except httpx.TransportError:
            if started:  # the server ends the connection, so nobody takes the part for the whole
                raise
            await answer(send, 502, _DOWN, [(b"content-type", b"text/html; charset=utf-8")])

    async def close(self) -> None:
        """Give connections back."""
        await self._client.aclose()

    def _headers(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        sent = dict(scope["headers"])
        visitor = (scope["client"][0] if scope.get("client") else "").encode()
        scheme = scope["scheme"].encode()
        if self._trusted_proxy:
            visitor = b", ".join(part for part in (sent.get(b"x-forwarded-for"), visitor) if part)
            scheme = sent.get(b"x-forwarded-proto", scheme)
        ours = (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host")
        kept = [pair for pair in scope["headers"] if pair[0] not in _HOP_BY_HOP and pair[0] not in ours]
        return [*kept, (ours[0], visitor), (ours[1], scheme), (ours[2], sent.get(b"host", b""))]


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        yield message.get("body", b"")
        if not message.get("more_body"):
            return
