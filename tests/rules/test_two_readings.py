"""The Python reading is the meaning; SQL gives the same answer for everyone at once."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anstoss.brands.public import DAY
from anstoss.customers.public import History
from anstoss.rules.public import compile_rule, measure, metric_sql, sql

from . import strategies as worlds
from .warehouse import Warehouse


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Warehouse]:
    tables = Warehouse()
    yield tables
    tables.con.close()


crowds = st.lists(worlds.histories(), min_size=1, max_size=6).map(lambda found: dict(enumerate(found, start=1)))
nows = st.integers(worlds.BASE, worlds.BASE + 40 * DAY) | worlds.instants


@settings(settings.get_profile("rules"))
@given(st.lists(worlds.rules, min_size=1, max_size=4), crowds, nows)
def test_both_readings_agree(
    warehouse: Warehouse, bodies: list[dict[str, Any]], crowd: dict[int, History], now: int
) -> None:
    warehouse.fill(crowd)
    for body in bodies:
        rule = compile_rule(body, worlds.VOCABULARY)
        expected = [person for person, history in crowd.items() if rule.test(history, now)[0]]
        assert warehouse.persons(sql(rule), now) == expected, sql(rule)


@settings(settings.get_profile("rules"))
@given(crowds, nows)
def test_both_readings_measure_the_same(warehouse: Warehouse, crowd: dict[int, History], now: int) -> None:
    warehouse.fill(crowd)
    for metric in worlds.VOCABULARY.metrics.values():
        values = {person: measure(metric, history, now)[0] for person, history in crowd.items()}
        counted = metric.unit == "count"
        expected = {person: value for person, value in values.items() if (value if counted else value is not None)}
        assert warehouse.values(metric_sql(metric), now) == expected, metric.key
