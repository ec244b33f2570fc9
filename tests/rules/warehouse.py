"""A DuckDB with the warehouse's tables, filled with generated histories."""

from collections.abc import Iterable, Mapping

import duckdb
import orjson
import pyarrow as pa

from anstoss.customers.public import ITEM_KEYS, ITEM_TEXTS, Fact, History

_ITEM = pa.struct(
    [(key, pa.string()) for key in ITEM_TEXTS] + [("price", pa.int64()), ("quantity", pa.float64())],
)
_FACTS = pa.schema(
    [
        ("person", pa.int64()),
        ("seq", pa.int64()),
        ("n", pa.int32()),
        ("at", pa.int64()),
        ("name", pa.string()),
        ("brand", pa.string()),
        ("day", pa.int32()),
        ("hour", pa.int8()),
        ("revenue", pa.int64()),
        ("order_id", pa.string()),
        ("product_id", pa.string()),
        ("category", pa.string()),
        ("props", pa.string()),
        ("items", pa.list_(_ITEM)),
    ]
)
_TABLES = """
CREATE TABLE facts(person BIGINT, seq BIGINT, n INTEGER, "at" BIGINT, name VARCHAR, brand VARCHAR, day INTEGER,
  hour TINYINT, revenue BIGINT, order_id VARCHAR, product_id VARCHAR, category VARCHAR, props VARCHAR,
  items STRUCT(product_id VARCHAR, sku VARCHAR, name VARCHAR, category VARCHAR, brand VARCHAR, variant VARCHAR,
  coupon VARCHAR, price BIGINT, quantity DOUBLE)[]);
CREATE TABLE persons(person BIGINT, first_at BIGINT);
"""


class Warehouse:
    """The tables of the contract, in memory."""

    def __init__(self) -> None:
        self.con = duckdb.connect()
        self.con.execute(_TABLES)

    def fill(self, histories: Mapping[int, History]) -> None:
        """Replace everything with these histories, by person."""
        rows = [_row(person, fact) for person, history in histories.items() for fact in history.all()]
        self.con.execute("DELETE FROM facts; DELETE FROM persons")
        self.con.register("incoming", pa.Table.from_pylist(rows, schema=_FACTS))
        self.con.execute("INSERT INTO facts SELECT * FROM incoming")
        self.con.unregister("incoming")
        self.con.executemany("INSERT INTO persons VALUES (?, 0)", [[person] for person in histories])

    def persons(self, query: str, now: int) -> list[int]:
        """The first column, sorted; a person twice would show."""
        return sorted(row[0] for row in self.con.execute(query, {"now": now}).fetchall())

    def values(self, query: str, now: int) -> dict[int, object]:
        """The second column by the first."""
        return dict(self.con.execute(query, {"now": now}).fetchall())


def _row(person: int, fact: Fact) -> dict[str, object]:
    hot = {key: fact.props.get(key) for key in ("revenue", "order_id", "product_id", "category")}
    items: Iterable[dict[str, object]] = [{key: item.get(key) for key in ITEM_KEYS} for item in fact.items]
    return {
        "person": person,
        "seq": fact.seq,
        "n": fact.n,
        "at": fact.at,
        "name": fact.name,
        "brand": fact.brand,
        "day": fact.day,
        "hour": fact.hour,
        "props": orjson.dumps(fact.props).decode(),
        "items": items,
        **hot,
    }
