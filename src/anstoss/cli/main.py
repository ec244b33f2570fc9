"""The command ``anstoss``. A module in ``commands`` adds itself; there is no list of them."""

import os
import sys
from importlib import import_module
from importlib.resources import files
from typing import Annotated

import typer

from anstoss.brands.public import set_up_logs, settings
from anstoss.cli.answers import refuse
from anstoss.cli.errors import refusals

app = typer.Typer(
    name="anstoss",
    help="Customer-lifecycle messaging: the right message to the right customer at the right moment.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def _all(
    home: Annotated[str, typer.Option(help="The data directory (also after each command, or ANSTOSS_HOME).")] = "",
) -> None:
    if home:
        os.environ["ANSTOSS_HOME"] = home


for _file in sorted(file.name for file in files("anstoss.cli").joinpath("commands").iterdir()):
    if _file.endswith(".py") and _file != "__init__.py":
        import_module(f"anstoss.cli.commands.{_file.removesuffix('.py')}").register(app)


def main() -> None:
    """Run the command of this process. What a room refuses becomes a sentence and exit code 1."""
    try:
        set_up_logs(settings().log_level if os.environ.get("ANSTOSS_LOG_LEVEL") else "warning")
        app()
    except BrokenPipeError:
        sys.exit(0)
    except refusals() as error:
        refuse(str(error))
