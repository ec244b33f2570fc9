"""The reference of commands names every command and option; that of settings every variable."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
import typer

from anstoss.brands.public import Settings, settings
from anstoss.cli.main import app
from anstoss.collect.order_file import FIELDS

from .reading import in_code, section, table, text

COMMANDS = text("reference/commands.md")
SETTINGS = text("reference/settings.md")


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command below this one by its words; Typer brings its own Click, so neither can be named."""
    inner = getattr(command, "commands", {})
    if not inner:
        yield path, command
    for name, each in inner.items():
        yield from commands(each, f"{path} {name}")


EVERY = dict(commands(typer.main.get_command(app), "anstoss"))


def test_every_command_has_its_section_and_no_other() -> None:
    assert {line[3:] for line in COMMANDS.splitlines() if line.startswith("## ")} == EVERY.keys()


@pytest.mark.parametrize("path", sorted(EVERY))
def test_every_option_is_described_and_no_other(path: str) -> None:
    described = {option for row in table(section(COMMANDS, f"## {path}")) for option in in_code(row[0])}
    options = {option for each in EVERY[path].params if each.param_type_name == "option" for option in each.opts}
    assert {each for each in described if each.startswith("-")} == options - {"--help"}


@pytest.mark.parametrize("field", FIELDS)
def test_every_column_of_an_import_is_named(field: str) -> None:
    assert f"`{field}`" in section(COMMANDS, "## anstoss import orders")


def test_every_setting_is_described_with_its_default_and_no_other() -> None:
    described = {in_code(row[0])[0]: in_code(row[1])[0] for row in table(SETTINGS) if row[0].startswith("`ANSTOSS_")}
    assert described.keys() == {f"ANSTOSS_{field.name.upper()}" for field in fields(Settings)}
    assert settings(described) == Settings(), "the defaults that are told are the defaults"
