"""No broken way from document to document."""

import re
from pathlib import Path

import pytest

from .reading import DOCS, ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")


def anchors(file: Path) -> set[str]:
    """The headings of a document as a web page names them."""
    heads = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_leads_somewhere(file: Path) -> None:
    broken = []
    for link in LINK.findall(re.sub(r"```.*?```", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)):
        path, _, anchor = link.partition("#")
        target = file if not path else (file.parent / path).resolve()
        if re.match(r"[a-z]+:", link):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_document_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    documents = [str(file.relative_to(DOCS)) for file in DOCS.rglob("*.md") if file != DOCS / "README.md"]
    assert [name for name in documents if f"({name})" not in index] == []
