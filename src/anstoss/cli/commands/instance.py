"""``anstoss init``, ``anstoss run`` and ``anstoss sources add``."""

import secrets
from typing import Annotated

import typer

from anstoss.brands.public import Brand, FileClock, LegalEntity, Source, open_brands
from anstoss.cli.answers import as_json, refuse, say
from anstoss.cli.instance import HomeOption, JsonOption, home_of, settings_of
from anstoss.store.public import Home

sources = typer.Typer(help="Systems that send events.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("init")(init)
    app.command("run")(run)
    app.add_typer(sources, name="sources")


def init(
    home: HomeOption = "",
    brand: Annotated[str, typer.Option(help="Key of the first brand.")] = "shop",
    name: Annotated[str, typer.Option(help="What customers know the brand by.")] = "",
    zone: Annotated[str, typer.Option(help="Time zone of the brand.")] = "Europe/Berlin",
    currency: Annotated[str, typer.Option(help="Currency, ISO 4217.")] = "EUR",
    locale: Annotated[str, typer.Option(help="Language, de or en.")] = "de",
    json: JsonOption = False,
) -> None:
    """Make an instance in a data directory: a brand, a source with a write key, a login, the starting definitions."""
    from anstoss.log.public import Log
    from anstoss.pulse.public import Pulse, publish, starting_definitions
    from anstoss.web.public import create_staff

    place = Home(settings_of(home).home_path)
    if place.exists:
        refuse(f"there is an instance in {place.path} already; nothing was changed")
    first = Brand(brand, name or brand, LegalEntity(name or brand), zone, currency, locale)
    place.create()
    brands = open_brands(place)
    brands.add_brand(first)
    write_key = brands.add_source(Source(f"{brand}-web", brand, "server", "Website"))
    clock = FileClock(place.clock_file)
    log = Log(place, clock)
    Pulse(place, log, clock).close()
    publish(place, log, clock, list(starting_definitions()))
    password = secrets.token_urlsafe(9)
    create_staff(place, "admin", password)
    if json:
        as_json({"home": str(place.path), "write_key": write_key, "user": "admin", "password": password})
        return
    say(f"made an instance in {place.path}")
    say(f"  brand      {brand} ({zone}, {currency}); its imprint is still empty: `anstoss brands set` fills it in")
    say(f"  write key  {write_key}  (shown this once)")
    say(f"  login      admin, password {password}  (shown this once)")
    say(f"start it with: anstoss run --home {place.path}")


def run(home: HomeOption = "") -> None:
    """Run the instance: intake, back office, engine and sender, until Ctrl-C."""
    from anstoss.cli.supervisor import Supervisor

    place, found = home_of(home), settings_of(home)
    say(f"Anstoss runs on http://{found.host}:{found.port} with the data in {place.path}; Ctrl-C ends it")
    Supervisor(place, found).run()


@sources.command("add")
def add_source(
    key: Annotated[str, typer.Argument(help="Key of the source, such as web or pos.")],
    brand: Annotated[str, typer.Option(help="Key of the brand it sends for.")],
    kind: Annotated[str, typer.Option(help="server, browser or import.")] = "server",
    home: HomeOption = "",
    json: JsonOption = False,
) -> None:
    """Add a source, or give it a new write key; the old one ends at once."""
    if kind not in ("server", "browser", "import"):
        refuse(f"kind {kind!r}: one of server, browser, import")
    write_key = open_brands(home_of(home)).add_source(Source(key, brand, kind, key))
    if json:
        as_json({"source": key, "brand": brand, "write_key": write_key})
    else:
        say(f"write key of {key}: {write_key}  (shown this once)")
