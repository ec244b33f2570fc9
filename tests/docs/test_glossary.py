"""Every word that a room's sign defines stands in the glossary."""

import ast
import re
from pathlib import Path

import pytest

import anstoss

from .reading import table, text

ROOMS = Path(anstoss.__file__).parent
TERMS = {term.strip() for row in table(text("glossary.md")) for term in row[0].split(",")}


def defined() -> list[tuple[str, str]]:
    """(room, word) for all words that signs set off: ``a *term* is ...``."""
    signs = {
        path.parent.name: ast.get_docstring(ast.parse(path.read_text("utf-8"))) for path in ROOMS.glob("*/__init__.py")
    }
    found = [
        (room, word) for room, sign in signs.items() for word in re.findall(r"(?<![\w/])\*(\w[\w ]*)\*", sign or "")
    ]
    assert len(found) > 50
    return found


@pytest.mark.parametrize(("room", "word"), defined())
def test_every_word_of_a_sign_is_explained(room: str, word: str) -> None:
    assert {word.lower(), word.lower().removesuffix("s")} & TERMS, f"the sign of {room} defines {word!r}"


def test_no_word_is_explained_twice_and_every_one_has_its_german() -> None:
    rows = table(text("glossary.md"))
    terms = [term.strip() for row in rows for term in row[0].split(",")]
    assert sorted(terms) == sorted(set(terms))
    assert [row for row in rows if len(row) != 3 or not all(row)] == []
