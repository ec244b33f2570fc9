"""SQL for selections and aggregates: the second reading of what ``selecting`` and ``meaning`` mean."""

from anstoss.customers.public import ITEM_KEYS
from anstoss.rules.language import Aggregate, Between, Key, Kind, Selection, Where, Within
from anstoss.rules.literals import key_of
from anstoss.rules.meaning import LARGEST_SUMMAND, MILLIONTHS
from anstoss.rules.sql_values import NOW, SqlValue, number_literal, of_column, of_item, of_json_column, of_props
from anstoss.rules.sql_values import HOT, passes, pointer, quoted

AT = '"at"'  # a reserved word of DuckDB
ORDER = f"({AT}, seq, n)"
_BOUND = number_literal(LARGEST_SUMMAND)
_SCALE = number_literal(MILLIONTHS)


def picked(selection: Selection) -> str:
    """Whether a row of ``facts`` is selected; that it is not later than now is checked elsewhere."""
    return " AND ".join([of_names(selection.names), *_window(selection.window), *_where(selection.where)])


def of_names(names: tuple[str, ...]) -> str:
    """Whether a row is of one of these names."""
    listed = ", ".join(quoted(name) for name in names)
    return f"name = {listed}" if len(names) == 1 else f"name IN ({listed})"


def _window(window: Within | Between | None) -> list[str]:
    if isinstance(window, Within):
        return [f"{AT} > {NOW} - {window.span}"]
    return [f"{AT} >= {window.start}", f"{AT} < {window.end}"] if window else []


def _where(where: tuple[Where, ...]) -> list[str]:
    own = [passes(one.tests, of_props(one.key)) for one in where if one.key.name not in ITEM_KEYS]
    carried = [one for one in where if one.key.name in ITEM_KEYS]
    if carried:
        bare = " AND ".join(passes(one.tests, of_props(one.key)) for one in carried)
        own.append(f"CASE WHEN len(items) > 0 THEN len({_items(where)}) > 0 ELSE {bare} END")
    return own


def _items(where: tuple[Where, ...]) -> str:
    """The items of a row that pass."""
    tests = [passes(one.tests, of_item(one.key)) for one in where if one.key.name in ITEM_KEYS]
    return f"list_filter(items, lambda item: coalesce({' AND '.join(tests)}, FALSE))" if tests else "items"


def aggregated(aggregate: Aggregate) -> list[str]:
    """The aggregate expressions that a value needs, over rows of ``facts``."""
    only = f"FILTER (WHERE {picked(aggregate.selection)})"
    match aggregate.how:
        case "count":
            return [f"count(*) {only}"]
        case "first_at" | "days_since_first":
            return [f"min({AT}) {only}"]
        case "last_at" | "days_since_last":
            return [f"max({AT}) {only}"]
    assert aggregate.of is not None  # noqa: S101  # the reader of rules sees to it
    if aggregate.of.name in ITEM_KEYS:
        return [f"{call} {only}" for call in _over_items(aggregate.how, aggregate.of, aggregate.selection)]
    return [f"{call} {only}" for call in _over_rows(aggregate.how, aggregate.of)]


def _over_rows(how: str, key: Key) -> list[str]:
    number = of_props(key).number
    match how:
        case "distinct":
            return [f"count(DISTINCT {_identity(of_props(key))})"]
        case "sum":
            return [f"sum({_summand(number, key.kind)})"]
        case "average":
            return [f"sum({_summand(number, key.kind)})", f"count({number})"]
        case "last_value":
            return [f"arg_max({_last(key)}, {ORDER})"]
    return [f"{'min' if how == 'smallest' else 'max'}({number})"]


def _last(key: Key) -> str:
    always = key_of(key.name).kind
    if always is Kind.ANY:
        return f"json_extract(props, {pointer(key.name)})"
    value = of_props(key)
    return value.text if always is Kind.TEXT else value.number


def _over_items(how: str, key: Key, selection: Selection) -> list[str]:
    """The same when each item that passes has a value of its own."""
    items, own = of_item(key), of_props(key)
    text = key.kind is Kind.TEXT
    of_each, bare = (items.text, own.text) if text else (items.number, own.number)
    listed = f"CASE WHEN len(items) > 0 THEN list_transform({_items(selection.where)}, lambda item: {of_each}) ELSE [{bare}] END"
    values = f"list_filter({listed}, lambda found: found IS NOT NULL)"
    match how:
        case "distinct":
            present = (
                f"list_filter({listed}, lambda found: found IS NOT NULL{' AND found <> ' + quoted('') if text else ''})"
            )
            return [f"list({present})"]
        case "sum" | "average":
            total = f"sum(list_sum(list_transform({values}, lambda found: {_summand('found', key.kind)})))"
            return [total] if how == "sum" else [total, f"sum(len({values}))"]
        case "last_value":
            return [f"arg_max({values}[-1], {ORDER})"]
    return [f"{'min(list_min' if how == 'smallest' else 'max(list_max'}({values}))"]


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
            count = f"len(list_distinct(flatten({column})))" if of and of.name in ITEM_KEYS else column
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
