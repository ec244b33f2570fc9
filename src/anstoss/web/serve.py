"""The web process: Django behind the front door, on a socket of the home."""

import asyncio
import os
import signal
import socket

from anstoss.brands.public import Settings
from anstoss.store.public import Home
from anstoss.web.home import readers
from anstoss.web.setup import configure, create_tables


def serve(home: Home, settings: Settings) -> None:
    """Answer what the front door passes on, until SIGTERM or SIGINT; requests that were begun are answered first."""
    import uvicorn
    from django.core.asgi import get_asgi_application

    configure(home, settings)
    create_tables()
    config = uvicorn.Config(
        get_asgi_application(),
        loop="asyncio",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level=settings.log_level,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=10,
    )
    with _listen(home) as listening:
        asyncio.run(_run(uvicorn.Server(config), listening))
    home.web_socket.unlink(missing_ok=True)
    readers().close()


async def _run(server: "uvicorn.Server", listening: socket.socket) -> None:  # type: ignore[name-defined]  # noqa: F821  # imported where used
    for stop in (signal.SIGTERM, signal.SIGINT):
        # The server raises a signal again when it has ended; without a handler that would kill us before the end.
        signal.signal(stop, server.handle_exit)
    await server.serve(sockets=[listening])


def _listen(home: Home) -> socket.socket:
    home.web_socket.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)  # nobody but us may connect: who gets here is believed
    try:
        listening.bind(str(home.web_socket))
    finally:
        os.umask(before)
    listening.listen(128)
    return listening
