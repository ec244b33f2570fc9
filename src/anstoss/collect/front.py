"""The ASGI application of the front door process."""

from anstoss.brands.public import FileClock, Settings, open_brands
from anstoss.collect import answers
from anstoss.collect.app import Collector
from anstoss.collect.backlog import PulseBacklog
from anstoss.collect.body import Receive, Scope, Send
from anstoss.collect.relay import Relay
from anstoss.log.public import Group, Log
from anstoss.store.public import Home

# Reserved for later: the browser library (/a.js) and click and open tracking (/t/).
_RESERVED = ("/a.js", "/t/")


class FrontDoor:
    """The application: collector paths are answered here, the others relayed."""

    def __init__(self, home: Home, settings: Settings) -> None:
        clock = FileClock(home.clock_file)
        self._log = Log(home, clock)
        self._group = Group(self._log)
        self._relay = Relay(home, settings.trusted_proxy)
        backlog = PulseBacklog(home, self._log, clock)
        self._collector = Collector(self._group, open_brands(home), clock, settings, backlog)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or relay one request."""
        if scope["type"] != "http":
            await _refuse_websocket(receive, send)
        elif scope["path"].startswith("/v1/"):
            await self._collector(scope, receive, send)
        elif scope["path"].startswith(_RESERVED):
            await answers.refusal(send, 404, "not_found", "reserved")
        else:
            await self._relay(scope, receive, send)

    async def close(self) -> None:
        """Finish the groups that were begun, then give everything back."""
        await self._group.close()
        await self._relay.close()
        self._log.close()


async def _refuse_websocket(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1000})
