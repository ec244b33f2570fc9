"""The house's own rules, held by tests: rooms meet only at their doors, and names and sizes stay in bounds."""

import ast
from pathlib import Path

import grimp
import pytest

SOURCE = Path(__file__).parents[2] / "src" / "anstoss"
ROOMS = sorted(folder.name for folder in SOURCE.iterdir() if (folder / "__init__.py").exists())
MODULES = sorted(SOURCE.rglob("*.py"))


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def test_rooms_meet_only_at_their_doors() -> None:
    graph = grimp.build_graph("anstoss", cache_dir=None)
    broken = [
        f"{importer} imports {imported}"
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if room_of(imported) not in ("", room_of(importer)) and imported != f"anstoss.{room_of(imported)}.public"
    ]
    assert broken == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_a_sign(room: str) -> None:
    tree = ast.parse((SOURCE / room / "__init__.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{room} does not say what it is for"
    assert len(tree.body) == 1, f"{room}/__init__.py holds more than its sign"


def test_no_room_or_module_has_an_empty_name() -> None:
    empty = {"utils", "helpers", "common", "service", "services", "manager", "managers", "misc"}
    assert [str(path.relative_to(SOURCE)) for path in MODULES if {path.stem, *path.parts} & empty] == []


def test_files_and_functions_stay_small() -> None:
    too_long = [f"{path.relative_to(SOURCE)}: {lines}" for path in MODULES if (lines := _lines(path)) > 400]
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > 60:
                    too_long.append(f"{path.relative_to(SOURCE)}:{node.name}: {length}")
    assert too_long == []


def test_the_clock_is_asked_in_one_module() -> None:
    asking = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                called = f"{node.value.id}.{node.attr}"
                if called in ("datetime.now", "datetime.utcnow", "date.today", "time.time", "time.time_ns"):
                    asking.append(str(path.relative_to(SOURCE)))
    assert sorted(set(asking)) == ["brands/clock.py"]


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
