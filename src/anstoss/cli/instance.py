"""The instance that a command works on."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from anstoss.brands.public import Settings, settings
from anstoss.store.public import Home

HomeOption = Annotated[str, typer.Option("--home", help="The data directory (default: ANSTOSS_HOME, else ./home).")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


class NoInstance(LookupError):
    """There is no instance in this directory."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no instance in {path}; `anstoss init --home {path}` makes one")


def settings_of(home: str) -> Settings:
    """The settings of the environment, with the data directory that was asked for."""
    found = settings()
    return replace(found, home=home) if home else found


def home_of(home: str) -> Home:
    """The data directory that was asked for, or ``NoInstance``."""
    found = Home(settings_of(home).home_path)
    if not found.exists:
        raise NoInstance(found.path)
    return found
