"""The front door process."""

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

from anstoss.brands.public import Settings
from anstoss.store.public import Home

if TYPE_CHECKING:
    import uvicorn

    from anstoss.collect.front import FrontDoor

# The thread that writes the log asks for the interpreter after each statement; 5 ms, the default, would be its pace.
_SWITCH_SECONDS = 0.0005


def serve(home: Home, settings: Settings) -> None:
    """Listen until SIGTERM or SIGINT; requests that were begun are answered first."""
    import uvicorn

    from anstoss.collect.front import FrontDoor

    sys.setswitchinterval(_SWITCH_SECONDS)
    door = FrontDoor(home, settings)
    config = uvicorn.Config(
        door,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level=settings.log_level,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_run(uvicorn.Server(config), door))


async def _run(server: "uvicorn.Server", door: "FrontDoor") -> None:
    for stop in (signal.SIGTERM, signal.SIGINT):
        # The server raises a signal again when it has ended; without a handler that would kill us before close().
        signal.signal(stop, server.handle_exit)
    try:
        await server.serve()
    finally:
        await door.close()
