"""Reading the documents: their sections, tables and examples."""

import ast
import inspect
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def text(name: str) -> str:
    """A document, by its path below ``docs``."""
    return (DOCS / name).read_text(encoding="utf-8")


def section(document: str, heading: str) -> str:
    """What stands under a heading, up to the next one of the same or a higher level."""
    marks = heading.partition(" ")[0]
    rest = document.split(f"\n{heading}\n", 1)[1]
    return re.split(rf"^#{{1,{len(marks)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def table(part: str) -> list[list[str]]:
    """The cells of the tables in a part, without their heads."""
    rows = [line for line in part.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]
    under = [*cells[1:], [""]]
    return [row for row, below in zip(cells, under, strict=True) if not _is_rule(row) and not _is_rule(below)]


def in_code(cell: str) -> list[str]:
    """The words set as code in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of a language, without the indentation of the list they may stand in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", document, re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", body, flags=re.MULTILINE) for indent, body in found]


def words_in_sets(code: object) -> set[str]:
    """Every word that stands in a set of a module or function: readers keep the keys they know in such sets."""
    tree = ast.parse(inspect.getsource(code))  # type: ignore[arg-type]  # modules and functions alike
    sets = [node for node in ast.walk(tree) if isinstance(node, ast.Set)]
    return {str(each.value) for node in sets for each in node.elts if isinstance(each, ast.Constant)}


def _is_rule(row: list[str]) -> bool:
    return all(cell and set(cell) <= set("-: ") for cell in row)
