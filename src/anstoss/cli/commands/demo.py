"""``anstoss demo``: a simulated shop, filled with two years and kept alive."""

import secrets
import signal
import socket
import threading
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from anstoss.brands.public import DAY, FileClock, Settings, set_clock, settings
from anstoss.cli.answers import refuse, say
from anstoss.store.public import Home

if TYPE_CHECKING:
    from rich.progress import Progress

    from anstoss.cli.supervisor import Supervisor
    from anstoss.demo.public import Live

LOOK_EVERY = 0.2
"""Seconds between two looks at the processes and at what the shop's people do."""
START_SECONDS = 90.0
"""So long may it take until the instance takes its first event."""
DAYS = 730


class NeverUp(RuntimeError):
    """The processes were started, but the instance never answered."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("demo")(demo)


def demo(
    customers: Annotated[int, typer.Option(min=1, help="People who come to the shop in two years.")] = 5_000,
    seed: Annotated[int, typer.Option(help="Which lives they lead; the same seed gives the same lives.")] = 1,
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8_000,
    home: Annotated[str, typer.Option("--home", help="The demo's own data directory.")] = "demo-home",
    speed: Annotated[float, typer.Option(min=1, help="How much faster than real time the demo's clock runs.")] = 60,
    headless_for: Annotated[
        float, typer.Option(help="End by itself after so many seconds of traffic, with a summary.")
    ] = 0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Fill it anew, also when it is filled already.")] = False,
) -> None:
    """Fill a simulated shop with two years of history, start it, and keep live traffic flowing until Ctrl-C."""
    from anstoss.brands.public import set_up_logs
    from anstoss.demo.public import NotADemo, clear, is_filled

    set_up_logs("error")
    found = replace(settings(), home=home, port=port, log_level="error")
    place = Home(found.home_path)
    _check_port(found)
    try:
        if fresh or not is_filled(place):
            clear(place)
            _fill(place, seed, customers, found)
        else:
            say(f"{place.path} is filled already; --fresh fills it anew")
    except NotADemo as error:
        refuse(str(error))
    _run(place, found, speed, headless_for)


def _fill(place: Home, seed: int, customers: int, found: Settings) -> None:
    from anstoss.demo.public import Login, Shop, evening, fill, keep_login, keep_shop, keep_truth, open_shop
    from anstoss.web.public import create_staff

    login = Login(secrets.token_urlsafe(9))
    keep_login(place, login)
    open_shop(place, _address(found))
    create_staff(place, login.user, login.password)
    end = evening(FileClock(place.clock_file).now(), later=False)
    shop = Shop(seed, customers, end - DAYS * DAY, days=DAYS)
    began = time.monotonic()
    with _bar() as bar:
        row = bar.add_task("playing two years", total=DAYS, events=0, messages=0)
        filled = fill(
            place,
            shop,
            lambda so_far: bar.update(
                row, completed=so_far.days, events=f"{so_far.events:,}", messages=f"{so_far.messages:,}"
            ),
        )
    keep_truth(place, shop)
    set_clock(place.clock_file, shows=end)
    keep_shop(place, shop)
    say(
        f"played two years in {time.monotonic() - began:.0f} s: {filled.customers:,} customers, "
        f"{filled.events:,} events, {filled.messages:,} messages"
    )


def _bar() -> "Progress":
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn(
            "{task.completed}/{task.total} days, {task.fields[events]} events, {task.fields[messages]} messages"
        ),
        TimeElapsedColumn(),
    )


def _run(place: Home, found: Settings, speed: float, seconds: float) -> None:
    """Start everything and keep it alive; end with a summary, and with exit code 1 if something was amiss."""
    from anstoss.cli.supervisor import Supervisor
    from anstoss.demo.public import Live, evening, keep_shop, kept_login, kept_shop, open_shop

    clock = FileClock(place.clock_file)
    set_clock(place.clock_file, shows=evening(clock.now(), later=True), speed=speed)
    write_key, login = open_shop(place, _address(found)), kept_login(place)
    supervisor = Supervisor(place, found)
    supervisor.start()
    live = Live(place, kept_shop(place), write_key, _address(found))
    say(f"Anstoss runs on {_address(found)} (user {login.user}, password {login.password}); Ctrl-C ends it")
    say(f"one second there is {speed:g} here: a basket left now is reminded of in {3600 / speed:.0f} seconds")
    try:
        _keep_alive(supervisor, live, seconds)
    finally:
        supervisor.end()
        set_clock(place.clock_file, shows=FileClock(place.clock_file).now())
    twice = _summary(place, live)
    live.close()
    keep_shop(place, live.shop)
    if twice or supervisor.deaths:
        refuse(f"{supervisor.deaths} processes ended that should not have, {twice} messages were sent twice")


def _keep_alive(supervisor: "Supervisor", live: "Live", seconds: float) -> None:
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    give_up = time.monotonic() + START_SECONDS
    until = float("inf")
    while not stopped.wait(LOOK_EVERY) and time.monotonic() < until:
        supervisor.look_after()
        live.step()
        if seconds and live.sent and until == float("inf"):
            until = time.monotonic() + seconds
        if not live.sent and time.monotonic() > give_up:
            raise NeverUp(f"nothing was taken within {START_SECONDS:.0f} seconds after the start")


def _summary(place: Home, live: "Live") -> int:
    """Print how it went; returns how many messages the mailbox has twice."""
    from anstoss.delivery.public import Mailbox

    mailbox = Mailbox(place)
    ledgers = Counter(mail.ledger for mail in mailbox.list(limit=1 << 31))
    mailbox.close()
    twice = sum(count - 1 for count in ledgers.values())
    say(
        f"demo: {len(live.shop.people):,} customers, {live.events:,} events, {ledgers.total():,} messages sent, "
        f"{live.messages:,} in the live part, {twice:,} sent twice"
    )
    return twice


def _address(found: Settings) -> str:
    return f"http://localhost:{found.port}"


def _check_port(found: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((found.host, found.port))
        except OSError:
            refuse(f"port {found.port} is in use; choose another one with --port")
