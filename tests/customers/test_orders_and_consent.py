"""Orders counted once and refunds worth what they give back; consent by address, the newest statement deciding."""

from itertools import permutations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anstoss.customers.public import (
    BrandZone,
    ConsentChange,
    Fact,
    History,
    consent_change,
    consents_of,
    create_tables,
    make_fact,
    order_of_facts,
    record_consents,
    settle_order,
)
from anstoss.store.public import connect

EURO = BrandZone(ZoneInfo("Europe/Berlin"), 100)


def fact(name: str, at: int = 1, brand: str = "shop", /, **properties: Any) -> Fact:
    return make_fact(at, (at, 0), name, brand, properties, EURO)


def settled(*facts: Fact) -> History:
    history = History()
    for each in facts:
        done = settle_order(each, history)
        if done is not None:
            history.add(done)
    return history


def net(history: History) -> int:
    return sum(int(fact.props.get("revenue", 0)) for fact in history.all())


def test_an_order_counts_once_for_each_brand() -> None:
    history = settled(
        fact("Order Completed", 1, order_id="A", revenue=10),
        fact("Order Completed", 2, order_id="a", revenue=99),
        fact("Order Completed", 3, order_id="B", revenue=1),
        fact("Order Completed", 4, "travel", order_id="A", revenue=5),
        fact("Order Completed", 5, revenue=2),
        fact("Order Completed", 6, revenue=2),
    )
    assert [each.seq for each in history.of("Order Completed")] == [1, 3, 4, 5, 6]
    assert net(history) == 2000


def test_a_refund_without_an_amount_gives_back_what_is_left() -> None:
    order = fact("Order Completed", 1, order_id="A", revenue=10)
    part = fact("Order Refunded", 2, order_id="A", revenue=3)
    rest = fact("Order Refunded", 3, order_id="A")
    again = fact("Order Cancelled", 4, order_id="A")
    history = settled(order, fact("Order Completed", 1, order_id="B", revenue=7), part, rest, again)
    assert [each.props["revenue"] for each in history.of("Order Refunded")] == [-300, -700]
    assert history.of("Order Cancelled")[0].props["revenue"] == 0
    assert net(history) == 700


def test_a_refund_of_an_unknown_order_gives_back_nothing() -> None:
    assert net(settled(fact("Order Refunded", order_id="A"), fact("Order Cancelled", 2, "travel", order_id="A"))) == 0
    free = settled(fact("Order Completed", 1, order_id="A"), fact("Order Refunded", 2, order_id="A"))
    assert net(free) == 0


def test_settling_a_fact_that_is_already_there_changes_nothing() -> None:
    history = settled(fact("Order Completed", 1, order_id="A", revenue=10), fact("Order Refunded", 2, order_id="A"))
    for known in history.all():
        assert settle_order(known, history) == known


def test_other_facts_are_none_of_its_business() -> None:
    viewed = fact("Product Viewed", product_id="p")
    assert settle_order(viewed, History()) is viewed
    updated = fact("Order Updated", order_id="A", revenue=3)
    assert settle_order(updated, History()) is updated


# -- histories --------------------------------------------------------------------------------------------------------

PLACES = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9), st.integers(0, 2)), unique=True, max_size=12)


@given(PLACES, st.randoms(use_true_random=False))
def test_a_history_is_in_the_order_of_facts_whatever_the_order_of_arrival(places: list[Any], chance: Any) -> None:
    facts = [Fact(at, seq, n, "AB"[n % 2], "shop", 0, 0, {}) for at, seq, n in places]
    history = History(facts)
    assert history.all() == sorted(facts, key=order_of_facts)
    for name in "AB":
        times, kept = history.rows.get(name, ([], []))
        assert times == [each.at for each in kept]
        assert list(history.of(name)) == [each for each in history.all() if each.name == name]
    chance.shuffle(facts)
    for index, each in enumerate(facts):
        assert history.remove(each)
        assert not history.remove(each)
        assert history.all() == sorted(facts[index + 1 :], key=order_of_facts)
    assert history.names() == frozenset()


# -- consent ----------------------------------------------------------------------------------------------------------

ANNA = "anna@x.example"


@pytest.mark.parametrize(
    ("name", "properties", "change"),
    [
        ("Consent Granted", {}, (ANNA, "shop", "email", "granted")),
        ("Consent Withdrawn", {"channel": "SMS"}, (ANNA, "shop", "sms", "withdrawn")),
        ("Unsubscribed", {}, (ANNA, "shop", "email", "withdrawn")),
        ("Consent Granted", {"email": " Other@X.example "}, ("other@x.example", "shop", "email", "granted")),
        ("Consent Granted", {"address": "Third@x.example"}, ("third@x.example", "shop", "email", "granted")),
        ("Consent Granted", {"address": {"city": "Wien"}}, (ANNA, "shop", "email", "granted")),
        ("Consent Granted", {"email": 5}, (ANNA, "shop", "email", "granted")),
        ("Consent Granted", {"brand": "Travel"}, (ANNA, "travel", "email", "granted")),
    ],
)
def test_what_a_fact_says_of_consent(name: str, properties: dict[str, Any], change: tuple[str, ...]) -> None:
    found = consent_change(fact(name, 9, **properties), properties, ANNA.upper())
    assert found == ConsentChange(*change, at=9, seq=9)


def test_nothing_else_says_anything_of_consent() -> None:
    assert consent_change(fact("Consent Requested"), {}, ANNA) is None
    assert consent_change(fact("Consent Granted"), {}, "") is None, "consent of nobody knows whom"


CHANGES = st.lists(
    st.builds(
        ConsentChange,
        st.sampled_from([ANNA, "b@x.example"]),
        st.sampled_from(["shop", "travel"]),
        st.just("email"),
        st.sampled_from(["granted", "withdrawn"]),
        st.integers(0, 4),
        st.integers(1, 9),
    ),
    max_size=6,
    unique_by=lambda change: change.seq,
)


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Any:
    con = connect(Path(tmp_path_factory.mktemp("consent"), "state.db"), durable=False)
    create_tables(con)
    create_tables(con)
    yield con
    con.close()


@given(changes=CHANGES)
def test_the_newest_statement_on_an_address_decides_whatever_the_order(con: Any, changes: list[ConsentChange]) -> None:
    newest: dict[tuple[str, str], ConsentChange] = {}
    for change in sorted(changes, key=lambda change: (change.at, change.seq)):
        newest[change.address, change.brand] = change
    for order in [changes, changes[::-1], *list(permutations(changes))[:4]]:
        con.execute("DELETE FROM consent")
        for change in order:
            record_consents(con, [change])
        found = consents_of(con, [ANNA.upper(), " b@x.example"])
        assert found == [newest[key] for key in sorted(newest)]
        assert consents_of(con, ["b@x.example"]) == [change for change in found if change.address != ANNA]
    assert consents_of(con, []) == []
