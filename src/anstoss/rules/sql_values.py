"""SQL for values and tests: the second reading of what ``predicates`` means. DuckDB's dialect, default settings.

A test may come out NULL where the meaning says false: in a filter both are the same, and whoever negates or combines
an answer makes it two-valued first.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from anstoss.customers.public import ITEM_TEXTS
from anstoss.rules.language import Ago, Instant, Key, Kind, Test, Tests
from anstoss.rules.literals import INSTANT_PATTERN

NOW = "CAST($now AS BIGINT)"
HOT = {"revenue": Kind.MONEY, "order_id": Kind.TEXT, "product_id": Kind.TEXT, "category": Kind.TEXT}
"""Properties that have a typed column of their own."""

_WHOLE = "('BIGINT', 'UBIGINT')"
_NUMERIC = "('BIGINT', 'UBIGINT', 'DOUBLE')"


@dataclass(frozen=True)
class SqlValue:
    """One value as SQL, once for each type that it can have; ``NULL`` for types that it cannot have."""

    text: str = "NULL"
    number: str = "NULL"
    flag: str = "NULL"
    at: str = "NULL"
    known: str = "FALSE"


@cache
def quoted(text: str) -> str:
    """Text as a SQL literal."""
    from sqlglot import exp

    return exp.Literal.string(text).sql(dialect="duckdb")


def number_literal(value: Any) -> str:
    """A number as a SQL literal: a whole number, or a DOUBLE (a plain 0.4 would be a DECIMAL)."""
    if isinstance(value, int):
        return str(value)
    written = repr(value)
    return written if "e" in written else written + "e0"


def pointer(key: str) -> str:
    """A property's place in ``props`` as a JSON pointer, which knows no wildcards."""
    return quoted("/" + key.replace("~", "~0").replace("/", "~1"))


def of_props(key: Key) -> SqlValue:
    """A property of a fact; only values of the key's kind count."""
    if key.name in HOT:
        return of_column(key.name, key.kind)
    place = pointer(key.name)
    return _of_json(f"json_extract_string(props, {place})", f"json_type(props, {place})", key.kind)


def of_json_column(column: str, kind: Kind) -> SqlValue:
    """A column that holds a JSON scalar."""
    return _of_json(f"json_extract_string({column}, '$')", f"json_type({column})", kind)


def _of_json(string: str, type_: str, kind: Kind) -> SqlValue:
    text = f"CASE WHEN {type_} = 'VARCHAR' THEN {string} END"
    number = f"CASE WHEN {type_} IN {_NUMERIC} THEN TRY_CAST({string} AS DOUBLE) END"
    match kind:
        case Kind.TEXT:
            return of_column(text, kind)
        case Kind.NUMBER:
            return of_column(number, kind)
        case Kind.MONEY:
            return of_column(f"CASE WHEN {type_} IN {_WHOLE} THEN TRY_CAST({string} AS BIGINT) END", kind)
        case Kind.TIME:
            return of_column(_instant(text), kind)
    flag = f"CASE WHEN {type_} = 'BOOLEAN' THEN {string} = 'true' END"
    return SqlValue(text, number, flag, _instant(text), f"{string} <> ''")


def of_column(column: str, kind: Kind) -> SqlValue:
    """An expression that is of that kind already."""
    if kind is Kind.TEXT:
        return SqlValue(text=column, known=f"{column} <> ''")
    if kind is Kind.TIME:
        return SqlValue(at=column, known=f"{column} IS NOT NULL")
    return SqlValue(number=column, known=f"{column} IS NOT NULL")


def of_item(key: Key) -> SqlValue:
    """A property of ``item`` (a lambda's variable), else of the fact it belongs to."""
    own = of_props(key)
    if key.name in ITEM_TEXTS:
        return of_column(f"coalesce(item.{key.name}, {own.text})", Kind.TEXT)
    return of_column(f"coalesce(item.{key.name}, {own.number})", key.kind)


def _instant(text: str) -> str:
    pattern = quoted(INSTANT_PATTERN)
    return f"CASE WHEN regexp_full_match({text}, {pattern}) THEN epoch_us(TRY_CAST({text} AS TIMESTAMP)) END"


def passes(tests: Tests, value: SqlValue) -> str:
    """All tests on a value."""
    return " AND ".join(f"({_one(test, value)})" for test in tests)


def _one(test: Test, value: SqlValue) -> str:
    asked: Any = test.value
    match test.op:
        case "is_not" | "not_in":
            return f"NOT coalesce({_equal(asked if test.op == 'not_in' else (asked,), value)}, FALSE)"
        case "is" | "in":
            return _equal(asked if test.op == "in" else (asked,), value)
        case "known":
            return value.known if asked else f"NOT coalesce({value.known}, FALSE)"
        case "before" | "after":
            limit = f"{NOW} - {asked.span}" if isinstance(asked, Ago) else str(asked.at)
            return f"{value.at} {'<' if test.op == 'before' else '>'} {limit}"
        case "between" if isinstance(asked[0], Instant):
            return f"{value.at} >= {asked[0].at} AND {value.at} < {asked[1].at}"
        case "between":
            return f"{value.number} BETWEEN {number_literal(asked[0])} AND {number_literal(asked[1])}"
        case "contains" | "starts_with":
            return f"{test.op}({value.text}, {quoted(asked)})"
        case "under":
            return f"({value.text} = {quoted(asked)} OR starts_with({value.text}, {quoted(asked + '/')}))"
    sign = {"above": ">", "below": "<", "at_least": ">=", "at_most": "<="}[test.op]
    return f"{value.number} {sign} {number_literal(asked)}"


def _equal(values: tuple[Any, ...], value: SqlValue) -> str:
    texts = [quoted(one) for one in values if isinstance(one, str)]
    flags = [str(one).upper() for one in values if isinstance(one, bool)]
    numbers = [number_literal(one) for one in values if not isinstance(one, str | bool)]
    pairs = ((value.text, texts), (value.number, numbers), (value.flag, flags))
    found = [f"coalesce({column} IN ({', '.join(listed)}), FALSE)" for column, listed in pairs if listed]
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})"
