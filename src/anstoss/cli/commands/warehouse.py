"""``anstoss warehouse rebuild``."""

from typing import Any

import typer

from anstoss.cli.answers import as_json, say
from anstoss.cli.instance import HomeOption, JsonOption, home_of

group = typer.Typer(help="The warehouse: a copy of everyone's facts for questions.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="warehouse")


@group.command("rebuild")
def rebuild(home: HomeOption = "", json: JsonOption = False) -> None:
    """Make the warehouse anew from the facts; the content is the same as before."""
    from anstoss.cli.reading import everyone

    with everyone(home_of(home)) as ask:
        answer: dict[str, Any] = ask("rebuild").to_pylist()[0]
    if json:
        as_json(answer)
    else:
        say(f"rebuilt: {answer['people']:,} people, {answer['facts']:,} facts, fingerprint {answer['fingerprint']}")
