"""The architecture names every dependency and every room as they are."""

import re
import tomllib
from pathlib import Path

import anstoss

from .reading import ROOT, section, table, text

ARCHITECTURE = text("architecture.md")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_dependency_has_its_line_and_no_other() -> None:
    wanted = [re.split(r"[^\w-]", each)[0] for each in PROJECT["project"]["dependencies"]]
    rows = table(section(ARCHITECTURE, "## Dependencies"))
    assert [row[0] for row in rows] == sorted(wanted)
    assert [row for row in rows if not all(row)] == []


def test_the_floors_are_those_that_are_held() -> None:
    (contract,) = PROJECT["tool"]["importlinter"]["contracts"]
    held = [{room.strip().removeprefix("anstoss.") for room in layer.split("|")} for layer in contract["layers"]]
    drawn = section(ARCHITECTURE, "## Rooms and floors").split("```")[1].strip().splitlines()
    told = [set(re.split(r"\s{2,}", line.strip())[0].split(" | ")) for line in drawn]
    assert {room for floor in told for room in floor} == {room for floor in held for room in floor}
    below = {room: index for index, floor in enumerate(held) for room in floor}
    lowest = [max(below[room] for room in floor) for floor in told]
    assert lowest == sorted(lowest)
    rooms = {path.parent.name for path in Path(anstoss.__file__).parent.glob("*/__init__.py")}
    assert rooms == below.keys()
