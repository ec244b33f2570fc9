"""``anstoss definitions``: publishing what users write."""

from pathlib import Path
from typing import Annotated

import typer

from anstoss.brands.public import FileClock
from anstoss.cli.answers import as_json, documents_in, local_time, refuse, say
from anstoss.cli.instance import HomeOption, JsonOption, home_of

group = typer.Typer(help="Segments, lifecycles, journeys, metrics and templates as files.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="definitions")


@group.command("publish")
def publish(
    paths: Annotated[list[Path], typer.Argument(help="YAML files, or folders of them.")],
    home: HomeOption = "",
    json: JsonOption = False,
) -> None:
    """Check definitions together and put them in force. If one is wrong, none is."""
    from anstoss.cli.reading import reader
    from anstoss.log.public import Log
    from anstoss.pulse.public import publish as put_in_force

    place = home_of(home)
    files = [file for path in paths for file in (sorted(path.glob("*.y*ml")) if path.is_dir() else [path])]
    documents = [document for file in files for document in documents_in(file)]
    if not documents:
        refuse(f"there is no definition in {', '.join(map(str, paths))}")
    clock = FileClock(place.clock_file)
    with reader(place):
        pass  # so that what is in force is known
    done = put_in_force(place, Log(place, clock), clock, documents)
    if json:
        as_json([{"kind": kind, "key": key} for kind, key in done])
    else:
        for kind, key in done:
            say(f"published {kind} {key}")


@group.command("list")
def show(home: HomeOption = "", json: JsonOption = False) -> None:
    """List what is in force."""
    from anstoss.cli.reading import reader

    with reader(home_of(home)) as read:
        rows = read.con.execute(
            "SELECT kind, key, version, published_at FROM definition WHERE active = 1 ORDER BY kind, key"
        ).fetchall()
        zone = read.definitions.vocabulary.zone
    if json:
        as_json([{"kind": kind, "key": key, "version": version} for kind, key, version, _ in rows])
    else:
        for kind, key, version, at in rows:
            say(f"{kind:10} {key:28} version {version}  since {local_time(at, zone)}")
