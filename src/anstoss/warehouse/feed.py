"""What changed in ``state.db``, read in one short read transaction and turned into Arrow tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson
import pyarrow as pa

from anstoss.store.public import Connection
from anstoss.warehouse.schema import FACTS, HOT_TEXT, ITEM, ITEMS, KEYS, PERSONS, PLAIN

_HISTORY = "SELECT h.person, h.seq, h.n, h.at, h.name, h.brand, h.day, h.hour, h.body"
_CHANGES = "SELECT {what} FROM outflow WHERE change > :low AND change <= :high AND seq IS {null}"
_REWRITTEN = _CHANGES.format(what="DISTINCT person", null="NULL")
_APPENDED = _CHANGES.format(what="DISTINCT person, seq, n", null="NOT NULL") + f" AND person NOT IN ({_REWRITTEN})"

# CROSS JOIN fixes the order of the loops in SQLite: each change looks its facts up by primary key.
_APPENDED_FACTS = f"{_HISTORY} FROM ({_APPENDED}) o CROSS JOIN history h USING (person, seq, n)"
_REWRITTEN_FACTS = f"{_HISTORY} FROM ({_REWRITTEN}) o CROSS JOIN history h USING (person)"
_PERSONS = """SELECT o.person, coalesce(p.first_at, (SELECT min(h.at) FROM history h WHERE h.person = o.person))
FROM (SELECT DISTINCT person FROM outflow WHERE change > :low AND change <= :high) o
LEFT JOIN person p USING (person)"""
_SPAN = "SELECT count(*), max(change) FROM (SELECT change FROM outflow WHERE change > ? ORDER BY change LIMIT ?)"
_STRAYS = """SELECT person, min(at) FROM history WHERE person > ? AND person <= ?
AND person NOT IN (SELECT person FROM person) GROUP BY person"""


@dataclass(frozen=True)
class Portion:
    """A run of changes up to ``high``, as rows of SQLite: bodies are still packed."""

    changes: int
    high: int
    rewritten: list[tuple[int]]
    appended: list[tuple[int, int, int]]
    facts: list[tuple[Any, ...]]
    persons: list[tuple[int, int | None]]
    """Everybody touched, with the instant of first contact; none = nothing is known of this person any more."""


@contextmanager
def _reading(con: Connection) -> Iterator[None]:
    con.execute("BEGIN")
    try:
        yield
    finally:
        con.execute("COMMIT")


def portion(con: Connection, after: int, limit: int) -> Portion:
    """The next at most ``limit`` changes after ``after``, with the present facts of everybody they name."""
    with _reading(con):
        changes, high = con.execute(_SPAN, (after, limit)).fetchone()
        if not changes:
            return Portion(0, after, [], [], [], [])
        span = {"low": after, "high": high}
        return Portion(
            changes,
            high,
            rewritten=con.execute(_REWRITTEN, span).fetchall(),
            appended=con.execute(_APPENDED, span).fetchall(),
            facts=con.execute(_APPENDED_FACTS, span).fetchall() + con.execute(_REWRITTEN_FACTS, span).fetchall(),
            persons=con.execute(_PERSONS, span).fetchall(),
        )


def newest_change(con: Connection) -> int:
    """The number of the last change that was ever written, consumed or not."""
    row = con.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outflow'").fetchone()
    return row[0] if row else 0


def oldest_change(con: Connection) -> int:
    """The number of the first change not yet consumed; the next one to come if there is none."""
    row = con.execute("SELECT min(change) FROM outflow").fetchone()
    return row[0] if row[0] is not None else newest_change(con) + 1


def all_facts(con: Connection, size: int) -> Iterator[pa.Table]:
    """All of ``history`` by person, in tables of about ``size`` rows; no read transaction outlasts a chunk."""
    after = (-(2**63), 0, 0)
    query = f"{_HISTORY} FROM history h WHERE (h.person, h.seq, h.n) > (?, ?, ?) ORDER BY 1, 2, 3 LIMIT ?"
    chunks: list[pa.Table] = []
    while rows := con.execute(query, (*after, CHUNK)).fetchall():
        after = rows[-1][:3]
        chunks.append(_chunk(rows))
        if len(chunks) * CHUNK >= size:
            yield pa.concat_tables(chunks)
            chunks = []
    yield fact_table([]) if not chunks else pa.concat_tables(chunks)


def all_persons(con: Connection, size: int) -> Iterator[list[tuple[int, int]]]:
    """All of ``person``, in lists of ``size`` rows, and whoever stands in ``history`` only."""
    after = -(2**63)
    query = "SELECT person, first_at FROM person WHERE person > ? ORDER BY person LIMIT ?"
    while rows := con.execute(query, (after, size)).fetchall():
        last = rows[-1][0]
        yield rows + con.execute(_STRAYS, (after, last)).fetchall()
        after = last
    yield con.execute(_STRAYS, (after, 2**63 - 1)).fetchall()


CHUNK = 1_024
"""Rows unpacked at a time: with many more, their dictionaries leave the processor's cache and wake the garbage
collector, and it takes twice as long (measured)."""

_MIN, _MAX = -(2**63), 2**63 - 1
_MISFITS = (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError)
_unpack = msgspec.msgpack.Decoder(tuple[dict[str, Any], list[dict[str, Any]]]).decode


def fact_table(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Rows of ``history`` as rows of ``facts``: properties become JSON text with sorted keys, hot ones columns too.

    A hot column holds the property when it has the column's type and is empty otherwise; the JSON always holds it.
    """
    return pa.concat_tables([_chunk(rows[start : start + CHUNK]) for start in range(0, max(1, len(rows)), CHUNK)])


def _chunk(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    *columns, bodies = zip(*rows, strict=True) if rows else ((),) * 9
    revenue: list[int | None] = []
    hot: dict[str, list[str | None]] = {key: [] for key in HOT_TEXT}
    json: list[bytes] = []
    lines: list[dict[str, Any]] = []
    ends = [0]
    for body in bodies:
        props, items = _unpack(body)
        number = props.get("revenue")
        revenue.append(number if type(number) is int and _MIN <= number <= _MAX else None)
        for key, column in hot.items():
            text = props.get(key)
            column.append(text if type(text) is str else None)
        json.append(orjson.dumps(props, option=orjson.OPT_SORT_KEYS))
        lines += items
        ends.append(len(lines))
    forms = [*PLAIN, pa.int64(), *(pa.string() for _ in HOT_TEXT), pa.string()]
    values = [*columns, revenue, *hot.values(), json]
    arrays = [pa.array(column, form) for column, form in zip(values, forms, strict=True)]
    return pa.table([*arrays, pa.ListArray.from_arrays(ends, _lines(lines), type=ITEMS)], names=FACTS)


def _lines(lines: list[dict[str, Any]]) -> pa.Array:
    try:
        return pa.array(lines, ITEMS.value_type)
    except _MISFITS:  # one line of a wrong form must not stop everybody's facts: only what does not fit is left out
        fitting = [{key: _fit(line.get(key), form) for key, form in ITEM.items()} for line in lines]
        return pa.array(fitting, ITEMS.value_type)


def _fit(value: object, form: pa.DataType) -> Any:
    # The conversion of pa.array itself, so that a line comes out the same whatever else stands in its batch.
    try:
        return pa.scalar(value, form).as_py()
    except _MISFITS:
        return None


def person_table(rows: Sequence[tuple[int, int | None]]) -> pa.Table:
    """Persons and their first contact as rows of ``persons``."""
    return pa.table(list(map(list, zip(*rows, strict=True))) if rows else [[], []], schema=PERSONS)


def key_table(rows: Sequence[tuple[int, ...]]) -> pa.Table:
    """Keys (person; or person, seq, n) as an Arrow table."""
    width = len(rows[0]) if rows else 3
    schema = pa.schema(list(KEYS)[:width])
    return pa.table(list(map(list, zip(*rows, strict=True))) if rows else [[]] * width, schema=schema)
