"""Each model against facts written by hand."""

from typing import Any

import pytest

from anstoss.warehouse.models import BadHeader, parse, sql_files
from anstoss.warehouse.public import Projector

from .hand import DAY, State

MINUTE = 60_000_000


def ask(state: State, projector: Projector, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    projector.project(state.con)
    with projector.shelf.cursor() as cursor:
        return cursor.execute(query, parameters or None).fetchall()


def shop(state: State) -> None:
    """Anna orders twice, returns a pair of socks, and cancels the second order; Bert only looks."""
    tent = {"product_id": "tent", "category": "outdoor/tents", "price": 19900, "quantity": 1}
    socks = {"product_id": "socks", "category": "clothing", "price": 990, "quantity": 3}
    state.happened(1, 1, "Order Completed", at=10 * DAY, order_id="a", revenue=22870, items=[tent, socks])
    state.happened(1, 2, "Order Refunded", at=12 * DAY, order_id="a", revenue=-990, items=[socks | {"quantity": 1}])
    state.happened(1, 3, "Order Completed", at=20 * DAY, order_id="b", revenue=2970, items=[socks])
    state.happened(1, 4, "Order Cancelled", at=21 * DAY, order_id="b", revenue=-2970)
    state.happened(2, 5, "Product Viewed", at=21 * DAY, product_id="tent")
    state.happened(2, 6, "Product Viewed", at=21 * DAY + MINUTE, product_id="socks")


def test_order_lines_take_back_what_was_returned(state: State, projector: Projector) -> None:
    shop(state)
    columns = "order_id, kind, line, product_id, category, quantity, amount"
    assert ask(state, projector, f"SELECT {columns} FROM order_lines ORDER BY seq, line") == [
        ("a", "sold", 1, "tent", "outdoor/tents", 1, 19900),
        ("a", "sold", 2, "socks", "clothing", 3, 2970),
        ("a", "refunded", 1, "socks", "clothing", -1, -990),
        ("b", "sold", 1, "socks", "clothing", 3, 2970),
        ("b", "cancelled", 1, "socks", "clothing", -3, -2970),
    ]
    assert ask(state, projector, "SELECT sum(amount) FROM order_lines") == [(21880,)]


def test_a_partial_refund_without_lines_is_one_line_without_a_product(state: State, projector: Projector) -> None:
    state.happened(1, 1, "Order Completed", order_id="a", revenue=500, items=[{"product_id": "p", "price": 500}])
    state.happened(1, 2, "Order Refunded", order_id="a", revenue=-200)
    assert ask(state, projector, "SELECT product_id, quantity, amount FROM order_lines ORDER BY seq") == [
        ("p", 1, 500),
        (None, None, -200),
    ]


def test_order_lines_of_another_person_with_the_same_number_are_not_taken_back(
    state: State, projector: Projector
) -> None:
    state.happened(1, 1, "Order Completed", order_id="a", revenue=500, items=[{"product_id": "p", "price": 500}])
    state.happened(2, 2, "Order Refunded", order_id="a", revenue=-500)
    assert ask(state, projector, "SELECT product_id FROM order_lines WHERE kind = 'refunded'") == [(None,)]


def test_orders_are_net_of_what_came_after(state: State, projector: Projector) -> None:
    shop(state)
    columns = "person, order_id, ordered_at, day, gross, returned, net, pieces, is_cancelled, last_change_at"
    assert ask(state, projector, f"SELECT {columns} FROM orders ORDER BY order_id") == [
        (1, "a", 10 * DAY, 10, 22870, -990, 21880, 4, False, 12 * DAY),
        (1, "b", 20 * DAY, 20, 2970, -2970, 0, 3, True, 21 * DAY),
    ]


def test_orders_without_a_number_stand_alone_and_strange_refunds_are_kept(state: State, projector: Projector) -> None:
    state.happened(1, 1, "Order Completed", revenue=100)
    state.happened(1, 2, "Order Completed", revenue=200)
    state.happened(1, 3, "Order Refunded", order_id="elsewhere", revenue=-50)
    assert ask(state, projector, "SELECT ordered_at, gross, net FROM orders ORDER BY net") == [
        (None, 0, -50),
        (0, 100, 100),
        (0, 200, 200),
    ]


def test_a_visit_ends_after_thirty_minutes(state: State, projector: Projector) -> None:
    at = 5 * DAY
    state.happened(1, 1, "Page Viewed", at=at)
    state.happened(1, 2, "Products Searched", at=at + 29 * MINUTE)
    state.happened(1, 3, "Product Viewed", at=at + 58 * MINUTE)
    state.happened(1, 4, "Product Added", at=at + 88 * MINUTE - 1)
    state.happened(1, 5, "Page Viewed", at=at + 118 * MINUTE - 1)
    state.happened(2, 6, "Page Viewed", at=at + 118 * MINUTE)
    state.happened(1, 7, "Email Opened", at=at + 119 * MINUTE)
    columns = "person, session, started_at, ended_at, day, facts, pages, searches, products, baskets, ordered"
    assert ask(state, projector, f"SELECT {columns} FROM sessions ORDER BY ALL") == [
        (1, 1, at, at + 88 * MINUTE - 1, 5, 4, 1, 1, 1, 1, False),
        (1, 2, at + 118 * MINUTE - 1, at + 118 * MINUTE - 1, 5, 1, 1, 0, 0, 0, False),
        (2, 1, at + 118 * MINUTE, at + 118 * MINUTE, 5, 1, 1, 0, 0, 0, False),
    ]


def test_person_metrics_as_they_stood_then(state: State, projector: Projector) -> None:
    shop(state)
    columns = """person, orders, gross, returned, net_revenue, average_order_value, first_order_at, last_order_at,
        days_since_last_order, last_seen_at, products_viewed_30d, visits_30d"""
    query = f"SELECT {columns} FROM person_metrics($now) ORDER BY person"
    assert ask(state, projector, query, now=20 * DAY) == [
        (1, 2, 25840, -990, 24850, 12425, 10 * DAY, 20 * DAY, 0, 20 * DAY, 0, 0)
    ]
    assert ask(state, projector, query, now=22 * DAY + DAY // 2) == [
        (1, 2, 25840, -3960, 21880, 10940, 10 * DAY, 20 * DAY, 2.5, 20 * DAY, 0, 0),
        (2, 0, 0, 0, 0, None, None, None, None, 21 * DAY + MINUTE, 2, 1),
    ]
    lately = "SELECT products_viewed_30d FROM person_metrics($now) WHERE person = 2"
    assert ask(state, projector, lately, now=51 * DAY) == [(1,)]


def test_stages_as_they_stood_then(state: State, projector: Projector) -> None:
    moves = [(1, "", "new"), (1, "new", "active"), (2, "", "new"), (3, "", "new"), (3, "new", "")]
    for seq, (person, before, stage) in enumerate(moves):
        props = {"lifecycle": "shop", "stage": stage, "from": before}
        state.happened(person, seq, "Stage Entered", at=seq * DAY, **props)
    sizes = "SELECT stage, people FROM stage_sizes($now) ORDER BY stage"
    assert ask(state, projector, sizes, now=0) == [("new", 1)]
    assert ask(state, projector, sizes, now=3 * DAY) == [("active", 1), ("new", 2)]
    assert ask(state, projector, sizes, now=9 * DAY) == [("active", 1), ("new", 1)]
    flows = "SELECT day, from_stage, stage, moves, people FROM stage_flows ORDER BY day"
    assert ask(state, projector, flows)[:2] == [(0, "", "new", 1, 1), (1, "new", "active", 1, 1)]


@pytest.mark.parametrize("folder", ["models", "relations"])
def test_every_sql_file_says_what_it_is_and_names_its_columns(folder: str, projector: Projector) -> None:
    described = {name: model for name, model in sql_files(folder).items() if "those of the model" not in model.columns}
    assert described
    for name, model in described.items():
        with projector.shelf.cursor() as cursor:
            if folder == "relations":
                values = {key: "x" if key == "lifecycle" else 0 for key in model.parameters}
                cursor.execute(model.body, values)
            else:
                cursor.execute(f"FROM {name}" + ("(0)" if model.parameters else ""))
            columns = [column[0] for column in cursor.description or []]
        missing = [column for column in columns if column not in model.columns]
        assert not missing, f"{folder}/{name}.sql does not say what these are: {missing}"


def test_a_header_without_a_source_is_refused() -> None:
    with pytest.raises(BadHeader, match="Source"):
        parse("x", "-- Row: one.\n-- Columns: a (number).\nSELECT 1 AS a")


def test_a_header_is_read_with_its_explanations() -> None:
    model = parse(
        "x", "-- Row: one\n--   thing.\n-- Columns: a.\n-- Parameters: as_of (UTC, it is), key\n-- Source: b, c\nFROM b"
    )
    assert (model.row, model.parameters, model.source, model.body) == (
        "one thing.",
        ("as_of", "key"),
        ("b", "c"),
        "FROM b",
    )
