"""Analytical models: every file in ``models/`` is a view, or a macro if its header names parameters."""

import graphlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

import duckdb

_FIELD = re.compile(r"^-- (Row|Columns|Parameters|Source):[ ]*(.*)$")


@dataclass(frozen=True)
class SqlFile:
    """A file of SQL with its header: what a row is, the columns with their units, the parameters, the tables read."""

    name: str
    row: str
    columns: str
    parameters: tuple[str, ...]
    source: tuple[str, ...]
    body: str


class BadHeader(ValueError):
    """A SQL file lacks a line of its header."""


def parse(name: str, text: str) -> SqlFile:
    """Read the header comment (``-- Row:``, ``-- Columns:``, ``-- Parameters:``, ``-- Source:``) and the query."""
    fields: dict[str, str] = {}
    current = ""
    lines = text.splitlines()
    header = [line for line in lines if line.startswith("--")]
    for line in header:
        if found := _FIELD.match(line):
            current = found[1]
            fields[current] = found[2]
        elif current:
            fields[current] += " " + line.removeprefix("--").strip()
    missing = {"Row", "Columns", "Source"} - fields.keys()
    if missing:
        raise BadHeader(f"{name}.sql: the header lacks {', '.join(sorted(missing))}")
    body = "\n".join(line for line in lines if not line.startswith("--")).strip()
    return SqlFile(
        name, fields["Row"], fields["Columns"], _words(fields.get("Parameters", "")), _words(fields["Source"]), body
    )


def _words(text: str) -> tuple[str, ...]:
    # Each entry may be followed by its explanation: "as_of (instant), zone (text)".
    return tuple(re.findall(r"(\w+)(?:\s*\([^)]*\))?(?:,|$)", text.strip()))


@cache
def sql_files(folder: str) -> dict[str, SqlFile]:
    """The SQL files of a folder of this room, by name."""
    found = resources.files("anstoss.warehouse") / folder
    names = sorted(file.name for file in found.iterdir() if file.name.endswith(".sql"))
    return {
        name.removesuffix(".sql"): parse(name.removesuffix(".sql"), (found / name).read_text("utf-8")) for name in names
    }


def create_models(con: duckdb.DuckDBPyConnection) -> None:
    """Create all models, each after those it reads."""
    models = sql_files("models")
    order = graphlib.TopologicalSorter({name: set(model.source) & models.keys() for name, model in models.items()})
    for name in order.static_order():
        model = models[name]
        if model.parameters:
            con.execute(f"CREATE OR REPLACE MACRO {name}({', '.join(model.parameters)}) AS TABLE {model.body}")
        else:
            con.execute(f"CREATE OR REPLACE VIEW {name} AS {model.body}")
