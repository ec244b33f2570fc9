"""An ad hoc rule over everyone against hand-written DuckDB SQL of the same meaning.

Three behavioural conditions: at least 3 orders in 365 days, no product viewed in a category in 60 days, and more than
a sum spent in 365 days. Both queries must find the same people; the best of five runs each is compared.

Run alone with ``python -m bench.rules_sql [quick]``.
"""

import sys
import tempfile
import time
from pathlib import Path

import duckdb

from anstoss.brands.public import DAY
from anstoss.rules.public import Vocabulary, compile_rule, sql
from bench.row import Row

NOW = 20_000 * DAY
RULE = {
    "all": [
        {"did": {"event": "Order Completed", "at_least": 3, "within": "365d"}},
        {"did_not": {"event": "Product Viewed", "within": "60d", "where": {"category": {"under": "Outdoor"}}}},
        {"did": {"event": "Order Completed", "within": "365d", "sum": {"of": "revenue", "above": 200}}},
    ]
}
# Rows lie in the order of time, as a projection of a log does, so every reader profits from skipping old blocks.
BY_HAND = f"""
SELECT person FROM facts
WHERE name = 'Order Completed' AND "at" > {NOW - 365 * DAY} AND "at" <= {NOW}
GROUP BY person HAVING count(*) >= 3 AND sum(revenue) > 20000
  AND person NOT IN (SELECT person FROM facts
    WHERE name = 'Product Viewed' AND "at" > {NOW - 60 * DAY} AND "at" <= {NOW}
      AND (category = 'outdoor' OR category LIKE 'outdoor/%'))
"""  # the usual way: a group for the orders, an anti join for the views
IN_ONE_PASS = f"""
SELECT person FROM facts
WHERE "at" <= {NOW} AND "at" > {NOW - 365 * DAY} AND (name = 'Order Completed'
  OR name = 'Product Viewed' AND "at" > {NOW - 60 * DAY} AND (category = 'outdoor' OR category LIKE 'outdoor/%'))
GROUP BY person
HAVING count(*) FILTER (WHERE name = 'Order Completed') >= 3
  AND sum(revenue) FILTER (WHERE name = 'Order Completed') > 20000
  AND count(*) FILTER (WHERE name = 'Product Viewed') = 0
"""
_FILL = """
CREATE TABLE facts AS
SELECT person, seq, 0 AS n, $now - CAST((1 - seq / $rows) * 730 * 86400000000 AS BIGINT) AS "at",
  CASE WHEN kind < 60 THEN 'Product Viewed' WHEN kind < 80 THEN 'Page Viewed' WHEN kind < 90 THEN 'Product Added'
    ELSE 'Order Completed' END AS name,
  'shop' AS brand, 0 AS day, 0::TINYINT AS hour,
  CASE WHEN kind >= 90 THEN CAST(h % 20000 AS BIGINT) END AS revenue,
  CASE WHEN kind >= 90 THEN 'o' || seq END AS order_id,
  CASE WHEN kind < 60 THEN 'p' || h % 1000 END AS product_id,
  CASE WHEN kind < 60 THEN
    ['outdoor', 'outdoor/jackets', 'home', 'home/kitchen', 'garden', 'sport'][CAST(1 + h % 6 AS BIGINT)]
    END AS category,
  CASE WHEN kind < 60 THEN '{"product_id":"p1","price":1999}' ELSE '{}' END AS props,
  CASE WHEN kind >= 90 THEN [{product_id: 'p' || h % 1000, sku: NULL::VARCHAR, name: NULL::VARCHAR, category: 'home',
    brand: 'b', variant: NULL::VARCHAR, coupon: NULL::VARCHAR, price: 1999::BIGINT, quantity: 1e0}] ELSE [] END AS items
FROM (SELECT seq, CAST(hash(seq, 1) % $persons AS BIGINT) AS person, hash(seq, 2) AS h, hash(seq, 3) % 100 AS kind
  FROM generate_series(1, $rows) AS t(seq))
"""


def run(quick: bool = False) -> list[Row]:
    """The rows of the table: the rule beside the better of two ways to write it by hand."""
    persons, each = (50_000 if quick else 1_000_000), 20
    with tempfile.TemporaryDirectory() as folder:
        con = duckdb.connect(str(Path(folder) / "bench.duckdb"))
        con.execute("SET enable_progress_bar = false")
        con.execute(_FILL, {"now": NOW, "persons": persons, "rows": persons * each})
        con.execute(f"CREATE TABLE persons AS SELECT range AS person, 0::BIGINT AS first_at FROM range({persons})")
        query = sql(compile_rule(RULE, Vocabulary()))
        by_hand = {"the usual SQL by hand": BY_HAND, "the same by hand in one pass": IN_ONE_PASS}
        found = {len(con.execute(text).fetchall()) for text in by_hand.values()}
        assert found == {len(con.execute(query, {"now": NOW}).fetchall())}, "all three find the same people"
        took = _best(con, query, {"now": NOW})
        beside = {name: _best(con, text, {}) for name, text in by_hand.items()}
        con.close()
    name = min(beside, key=lambda each: beside[each])
    what = f"ad hoc rule, three behavioural conditions, {persons:,} people, {persons * each:,} events"
    return [Row(what, took * 1000, "ms", beside[name] * 1500, beside[name] * 1000, name, at_most=True)]


def _best(con: duckdb.DuckDBPyConnection, query: str, given: dict[str, int]) -> float:
    runs = []
    for _ in range(5):
        begin = time.perf_counter()
        con.execute(query, given).fetchall()
        runs.append(time.perf_counter() - begin)
    return min(runs)


if __name__ == "__main__":
    for row in run("quick" in sys.argv):
        print(f"{row.figure:>8,.0f} {row.unit} {row.what}; {row.ratio:.2f} x {row.beside}")
