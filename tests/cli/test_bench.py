"""``anstoss bench`` finds the benches of the checkout and tells their rows."""

from .conftest import Command


def test_a_bench_by_name_gives_its_rows_beside_their_reference(anstoss: Command) -> None:
    rows = anstoss("bench", "--only", "rules_python", "--json").json
    assert [row["bench"] for row in rows] == ["rules_python"] * 2
    alone, explained = rows
    assert alone["figure"] > 0
    assert alone["ratio"] is None
    assert explained["ratio"] == explained["figure"] / alone["figure"]


def test_a_bench_that_does_not_exist_is_refused_with_those_that_do(anstoss: Command) -> None:
    answer = anstoss("bench", "--only", "everything")
    assert answer.code == 1
    assert "no bench is called everything" in answer.err
    assert "rules_python" in answer.err
