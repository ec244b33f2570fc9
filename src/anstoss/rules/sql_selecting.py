"""SQL for selections and aggregates: the second reading of what ``selecting`` and ``meaning`` mean."""

from dataclasses import dataclass

from anstoss.customers.public import ITEM_KEYS
from anstoss.rules.language import Aggregate, Between, Key, Kind, Selection, Where, Within
from anstoss.rules.literals import key_of
from anstoss.rules.meaning import LARGEST_SUMMAND, MILLIONTHS
from anstoss.rules.sql_values import (
    NOW,
    SqlValue,
    number_literal,
    of_column,
    of_item,
    of_json_column,
    of_props,
    passes,
    pointer,
    quoted,
)

AT = '"at"'  # a reserved word of DuckDB
ORDER = f"({AT}, seq, n)"
_BOUND = number_literal(LARGEST_SUMMAND)
_SCALE = number_literal(MILLIONTHS)


@dataclass(frozen=True)
class Column:
    """One aggregate: ``row`` is taken from each selected row, ``call`` combines them (``{}`` is the taken column)."""

    row: str
    call: str


def picked(selection: Selection) -> str:
    """Whether a row of ``facts`` is selected."""
    parts = [of_names(selection.names), f"{AT} <= {NOW}", *_window(selection.window), *_where(selection)]
    return " AND ".join(parts)


def of_names(names: tuple[str, ...]) -> str:
    """Whether a row is of one of these names."""
    listed = ", ".join(quoted(name) for name in names)
    return f"name = {listed}" if len(names) == 1 else f"name IN ({listed})"


def _window(window: Within | Between | None) -> list[str]:
    if isinstance(window, Within):
        return [f"{AT} > {NOW} - {window.span}"]
    return [f"{AT} >= {window.start}", f"{AT} < {window.end}"] if window else []


def _where(selection: Selection) -> list[str]:
    where = selection.where
    bare = [passes(one.tests, of_props(one.key)) for one in where]
    if not selection.has_items or not any(one.key.name in ITEM_KEYS for one in where):
        return bare
    own = [test for one, test in zip(where, bare, strict=True) if one.key.name not in ITEM_KEYS]
    carried = [test for one, test in zip(where, bare, strict=True) if one.key.name in ITEM_KEYS]
    either = f"CASE WHEN len(items) > 0 THEN len({_items(where)}) > 0 ELSE {' AND '.join(carried)} END"
    return [*own, either]


def _items(where: tuple[Where, ...]) -> str:
    """The items of a row that pass."""
    tests = [passes(one.tests, of_item(one.key)) for one in where if one.key.name in ITEM_KEYS]
    return f"list_filter(items, lambda item: coalesce({' AND '.join(tests)}, FALSE))" if tests else "items"


def aggregated(aggregate: Aggregate) -> list[Column]:
    """What a value needs of the selected rows. A row without a value gives NULL, which every call skips."""
    match aggregate.how:
        case "count":
            return [Column("1", "count({})")]
        case "first_at" | "days_since_first":
            return [Column(AT, "min({})")]
        case "last_at" | "days_since_last":
            return [Column(AT, "max({})")]
    assert aggregate.of is not None  # noqa: S101  # the reader of rules sees to it
    if aggregate.of.name in ITEM_KEYS and aggregate.selection.has_items:
        return _over_items(aggregate.how, aggregate.of, aggregate.selection)
    return _over_rows(aggregate.how, aggregate.of)


def _over_rows(how: str, key: Key) -> list[Column]:
    number = of_props(key).number
    match how:
        case "distinct":
            return [Column(_identity(of_props(key)), "count(DISTINCT {})")]
        case "sum":
            return [Column(_summand(number, key.kind), "sum({})")]
        case "average":
            return [Column(_summand(number, key.kind), "sum({})"), Column(number, "count({})")]
        case "last_value":
            return [_newest(_last(key))]
    return [Column(number, "min({})" if how == "smallest" else "max({})")]


def _newest(value: str) -> Column:
    return Column(f"{{value: {value}, place: {ORDER}}}", "arg_max({0}.value, {0}.place)")


def _last(key: Key) -> str:
    always = key_of(key.name).kind
    if always is Kind.ANY:
        return f"json_extract(props, {pointer(key.name)})"
    value = of_props(key)
    return value.text if always is Kind.TEXT else value.number


def _over_items(how: str, key: Key, selection: Selection) -> list[Column]:
    """The same when each item that passes has a value of its own."""
    text = key.kind is Kind.TEXT
    of_each, bare = (value.text if text else value.number for value in (of_item(key), of_props(key)))
    items = f"list_transform({_items(selection.where)}, lambda item: {of_each})"
    values = f"list_filter(CASE WHEN len(items) > 0 THEN {items} ELSE [{bare}] END, lambda found: found IS NOT NULL)"
    match how:
        case "distinct":
            present = f"list_filter({values}, lambda found: found <> '')" if text else values
            return [Column(present, "list({0}) FILTER (WHERE {0} IS NOT NULL)")]
        case "sum" | "average":
            total = f"list_sum(list_transform({values}, lambda found: {_summand('found', key.kind)}))"
            return [Column(total, "sum({})"), *([Column(f"len({values})", "sum({})")] if how == "average" else [])]
        case "last_value":
            return [_newest(f"{values}[-1]")]
    call = "min" if how == "smallest" else "max"
    return [Column(f"list_{call}({values})", f"{call}({{}})")]


def _summand(number: str, kind: Kind) -> str:
    if kind is Kind.MONEY:
        return number
    # not greatest() and least(): they skip NULL and would make a bound of what is missing
    bounded = f"CASE WHEN {number} > {_BOUND} THEN {_BOUND} WHEN {number} < -{_BOUND} THEN -{_BOUND} ELSE {number} END"
    return f"CAST(floor(({bounded}) * {_SCALE} + 0.5e0) AS BIGINT)"


def _identity(value: SqlValue) -> str:
    """A text that is the same for values that are the same, and only for them."""
    parts = []
    if value.text != "NULL":
        parts.append(f"'t' || nullif({value.text}, '')")
    if value.number != "NULL":
        parts.append(f"'n' || CAST(CAST({value.number} AS DOUBLE) + 0e0 AS VARCHAR)")
    if value.flag != "NULL":
        parts.append(f"'f' || CAST({value.flag} AS VARCHAR)")
    return f"coalesce({', '.join(parts)})" if len(parts) > 1 else parts[0]


def measured(aggregate: Aggregate, columns: list[str]) -> SqlValue:
    """The value that the aggregate's columns make, as seen from outside the aggregation."""
    column, of = columns[0], aggregate.of
    match aggregate.how:
        case "count":
            return of_column(f"coalesce({column}, 0)", Kind.NUMBER)
        case "distinct":
            listed = of and of.name in ITEM_KEYS and aggregate.selection.has_items
            count = f"len(list_distinct(flatten({column})))" if listed else column
            return of_column(f"coalesce({count}, 0)", Kind.NUMBER)
        case "first_at" | "last_at":
            return of_column(column, Kind.TIME)
        case "days_since_first" | "days_since_last":
            return of_column(f"({NOW} - {column})", Kind.DAYS)
    assert of is not None  # noqa: S101  # the reader of rules sees to it
    scale = "" if of.kind is Kind.MONEY else f" / {_SCALE}"
    match aggregate.how:
        case "sum":
            return of_column(column if not scale else f"CAST({column} AS DOUBLE){scale}", of.kind)
        case "average":
            return of_column(f"CAST({column} AS DOUBLE){scale} / CAST(nullif({columns[1]}, 0) AS DOUBLE)", of.kind)
        case "last_value" if key_of(of.name).kind is Kind.ANY:
            return of_json_column(column, of.kind)
    return of_column(column, of.kind)
