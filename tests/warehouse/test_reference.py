"""The reference names every table, model and relation, with its parameters."""

import re
from pathlib import Path

import pytest

from anstoss.warehouse import questions
from anstoss.warehouse.models import sql_files
from anstoss.warehouse.schema import FACTS, TABLES

REFERENCE = (Path(__file__).parents[2] / "docs/reference/warehouse.md").read_text("utf-8")


def rows(heading: str) -> dict[str, str]:
    """The rows of the table under a heading, by what their first cell begins with."""
    section = REFERENCE.split(f"## {heading}\n")[1].split("\n## ")[0]
    found = re.findall(r"^\| `(\w+)[^`]*` \|(.*)\|$", section, re.MULTILINE)
    return dict(found)


def test_every_table_with_its_columns_is_described() -> None:
    assert {match[1] for table in TABLES if (match := re.search(r"TABLE (\w+)", table))} == rows("Tables").keys()
    assert [column for column in FACTS if f"`{column}`" not in rows("Tables")["facts"]] == []


def test_every_model_is_described() -> None:
    assert rows("Models").keys() == sql_files("models").keys()


def test_every_relation_is_described_with_its_parameters() -> None:
    expected = {name: set(relation.parameters) for name, relation in sql_files("relations").items()}
    expected |= questions._RULE_PARAMETERS | {"rebuild": set()}
    found = {name: set(re.findall(r"`(\w+)`", cells.split("|")[0])) for name, cells in rows("Relations").items()}
    assert found == expected


@pytest.mark.parametrize("kind", re.findall(r"`(\w+)`", REFERENCE.split("names its kind:")[1].split("\n\n")[0]))
def test_every_kind_of_refusal_is_explained_in_the_code(kind: str) -> None:
    assert kind in (questions.QuestionRefused.__doc__ or "")
