"""An ad hoc rule over everyone against hand-written DuckDB SQL of the same meaning.

    python bench/rules_sql.py [persons] [facts per person]

Three behavioural conditions: at least 3 orders in 365 days, no product viewed in a category in 60 days, and more than
a sum spent in 365 days. Both queries must find the same people; the best of five runs each is compared.
"""

import sys
import tempfile
import time
from pathlib import Path

import duckdb

from anstoss.brands.public import DAY
from anstoss.rules.public import Vocabulary, compile_rule, sql

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


def main(persons: int, each: int) -> None:
    """Fill, compare, print."""
    with tempfile.TemporaryDirectory() as folder:
        con = duckdb.connect(str(Path(folder) / "bench.duckdb"))
        con.execute(_FILL, {"now": NOW, "persons": persons, "rows": persons * each})
        con.execute(f"CREATE TABLE persons AS SELECT range AS person, 0::BIGINT AS first_at FROM range({persons})")
        query = sql(compile_rule(RULE, Vocabulary()))
        found = {name: set(con.execute(text, given).fetchall()) for name, text, given in _queries(query)}
        assert len({len(people) for people in found.values()}) == 1, {name: len(p) for name, p in found.items()}
        print(f"{persons:,} persons, {persons * each:,} facts, {len(found['rule']):,} found")
        seconds = {name: _best(con, text, given) for name, text, given in _queries(query)}
        best = min(value for name, value in seconds.items() if name != "rule")
        for name, value in seconds.items():
            print(f"  {name:<12} {value * 1000:8.0f} ms   {value / best:5.2f} x the best by hand")


def _queries(query: str) -> list[tuple[str, str, dict[str, int]]]:
    return [("by hand", BY_HAND, {}), ("in one pass", IN_ONE_PASS, {}), ("rule", query, {"now": NOW})]


def _best(con: duckdb.DuckDBPyConnection, query: str, given: dict[str, int]) -> float:
    runs = []
    for _ in range(5):
        begin = time.perf_counter()
        con.execute(query, given).fetchall()
        runs.append(time.perf_counter() - begin)
    return min(runs)


if __name__ == "__main__":
    main(*(int(argument) for argument in (*sys.argv[1:], "1000000", "20")[:2]))
