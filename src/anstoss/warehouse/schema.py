"""The tables of the warehouse, and the same forms as Arrow, which feeds them."""

import pyarrow as pa

LAYOUT = 1
"""Raised when the tables change: a file of another layout is rebuilt on start."""

# "at" is a reserved word of DuckDB 2.0 and stands in quotes wherever it is not qualified by a table name.
TABLES = (
    """CREATE TABLE facts(person BIGINT, seq BIGINT, n INTEGER, "at" BIGINT, name VARCHAR, brand VARCHAR, day INTEGER,
    hour TINYINT, revenue BIGINT, order_id VARCHAR, product_id VARCHAR, category VARCHAR, props VARCHAR,
    items STRUCT(product_id VARCHAR, sku VARCHAR, name VARCHAR, category VARCHAR, brand VARCHAR, variant VARCHAR,
    coupon VARCHAR, price BIGINT, quantity DOUBLE)[])""",
    "CREATE TABLE persons(person BIGINT, first_at BIGINT)",
    "CREATE TABLE projected(layout INTEGER, change BIGINT)",
)
"""No keys and no indexes: they slow the feed down and one writer keeps the rows unique."""

ITEM = {
    "product_id": pa.string(),
    "sku": pa.string(),
    "name": pa.string(),
    "category": pa.string(),
    "brand": pa.string(),
    "variant": pa.string(),
    "coupon": pa.string(),
    "price": pa.int64(),
    "quantity": pa.float64(),
}
"""An order line, field by field."""

ITEMS = pa.list_(pa.struct(list(ITEM.items())))

HOT_TEXT = ("order_id", "product_id", "category")
"""Properties that have a column of their own, as text; ``revenue`` has one as minor units."""

_PLAIN = {
    "person": pa.int64(),
    "seq": pa.int64(),
    "n": pa.int32(),
    "at": pa.int64(),
    "name": pa.string(),
    "brand": pa.string(),
    "day": pa.int32(),
    "hour": pa.int8(),
}
PLAIN = list(_PLAIN.values())
"""The forms of the columns that are copied as they are."""

FACTS = [*_PLAIN, "revenue", *HOT_TEXT, "props", "items"]
"""The columns of ``facts``, in order."""

PERSONS = pa.schema([("person", pa.int64()), ("first_at", pa.int64())])
KEYS = pa.schema([("person", pa.int64()), ("seq", pa.int64()), ("n", pa.int32())])
