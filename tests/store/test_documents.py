"""Documents: what their authors wrote is what is read, and what is wrong is named with its line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anstoss.store.public import DocumentError, read_document, read_documents


def test_only_true_and_false_are_booleans() -> None:
    assert read_document("{on: no, off: yes, a: true, b: False, y: n}") == {
        "on": "no",
        "off": "yes",
        "a": True,
        "b": False,
        "y": "n",
    }


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("09:30", "09:30"),
        ("2026-05-01", "2026-05-01"),
        ("2026-05-01T10:00:00Z", "2026-05-01T10:00:00Z"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("017", 17),
        ("-3", -3),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        (".", "."),
        ("~", None),
        ("null", None),
        ('"12"', "12"),
        ("7d", "7d"),
        ("10%", "10%"),
    ],
)
def test_a_plain_word_is_read_as_yaml_1_2_reads_it(written: str, read: object) -> None:
    found = read_document(f"a: {written}")["a"]
    assert (found, type(found)) == (read, type(read))


def test_a_document_without_content_is_none_and_several_are_kept_in_order() -> None:
    assert read_documents("---\na: 1\n---\n---\nb: 2\n") == [{"a": 1}, {"b": 2}]
    assert read_documents("") == []


@pytest.mark.parametrize("text", ["", "a: 1\n---\nb: 2"])
def test_one_document_means_one(text: str) -> None:
    with pytest.raises(DocumentError, match="expected one document"):
        read_document(text)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' stands here twice"),
        ("a:\n  b: 1\n  b: 2\n", 3, "'b' stands here twice"),
        ("a: 1\n---\nb: [1,\nc: 2\n", 5, "expected"),
        ("a: 1\n? [x]\n: y\n", 2, "a key must be text"),
        ("a: 1\nnull: 2\n", 2, "a key must be text"),
        ("a: 1\n2024: 2\n", 2, "a key must be text"),
        ("a: 1\ntrue: 2\n", 2, "a key must be text"),
        ("a: 1\nb: *nobody\n", 2, "undefined alias"),
        ("a: !!python/name:os.system x\n", 1, "could not determine a constructor"),
        ("a: 1\nb: " + "9" * 5000, 2, "no number"),
        ("a: 1\nb: 1e999", 2, "no number"),
        ("a: " + "9" * 400, 1, "no number"),
        ("a: !!int x", 1, "no number"),
        ("a: 1\n<<: 3\n", 2, "expected a mapping"),
        ("a: \x01", 1, "special characters"),
        ("[" * 5000, 1, "nested too deeply"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(DocumentError) as error:
        read_documents(text)
    assert error.value.line == line
    assert says in error.value.what
    assert str(error.value).startswith(f"line {line}: ")


def test_a_shared_part_can_be_taken_over_and_changed() -> None:
    text = "base: &base {color: red, size: 1}\nmine: {<<: *base, size: 2}\n"
    assert read_document(text)["mine"] == {"color": "red", "size": 2}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    # JSON's \\u escapes of characters beyond 16 bits are two halves, which YAML does not join
    | st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=("Cs", "Cc"))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(codec="ascii", exclude_categories=("Cc",)), max_size=8), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.from_regex("[a-z]{1,6}", fullmatch=True), JSON, max_size=4))
def test_json_is_read_as_json(document: dict[str, object]) -> None:
    assert read_document(json.dumps(document, indent=1)) == document
