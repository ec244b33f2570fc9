"""From what a shop sent to what rules can ask: one form for text, numbers, money and time, and nothing personal."""

import json
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anstoss.brands.public import DAY, HOUR, Brand, LegalEntity
from anstoss.customers.public import (
    DIRECT_IDENTIFIERS,
    MONEY_KEYS,
    SPEC_EVENTS,
    BrandZone,
    Fact,
    canonical_event_name,
    category_path,
    fact_of,
    fold_text,
    make_fact,
    minor_units,
    payload_of,
    section,
)
from anstoss.log.public import Event, contents

EURO = BrandZone(ZoneInfo("Europe/Berlin"), 100)


def fact(name: str = "Product Viewed", /, place: BrandZone = EURO, at: int = 0, **properties: Any) -> Fact:
    return make_fact(at, (7, 0), name, "shop", properties, place)


def props(**properties: Any) -> dict[str, Any]:
    return fact(**properties).props


def event(kind: str, name: str, payload: object, at: int = 0) -> Event:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Event(7, at, "web", "m", ("anon:a",), kind, name, "shop", at, body, "outside", True, None, None)


# -- money ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "cents"),
    [
        (19.99, 1999),
        (0.1 + 0.2, 30),
        (1.005, 100),
        (1.015, 102),
        (0.125, 12),
        (-5, -500),
        ("19.99", 1999),
        (" 20 ", 2000),
        ("-0.5", -50),
        ("1e3", 100_000),
        (90_071_992_547_409, 9_007_199_254_740_900),
        (0.0, 0),
    ],
)
def test_money_is_whole_minor_units(sent: object, cents: int) -> None:
    found = props(price=sent)["price"]
    assert (found, type(found)) == (cents, int)


@pytest.mark.parametrize("key", sorted(MONEY_KEYS))
@pytest.mark.parametrize(
    "sent", ["19,99", "€ 5", "", "nan", "inf", "1e999", "1e9999999", 10**30, float("inf"), True, [1, 2], None, {}]
)
def test_money_that_is_no_amount_is_not_there(key: str, sent: object) -> None:
    assert key not in props(**{key: sent})


@pytest.mark.parametrize(
    ("currency", "sent", "minor"),
    [("JPY", 1200, 1200), ("KRW", "1200", 1200), ("KWD", 1.2345, 1234), ("tnd", 1, 1000), ("USD", 1, 100), (7, 1, 100)],
)
def test_the_currency_of_the_event_decides_then_the_brands(currency: object, sent: object, minor: int) -> None:
    assert props(value=sent, currency=currency)["value"] == minor
    yen = BrandZone.of(Brand("shop", "S", LegalEntity("S"), "Asia/Tokyo", "JPY"))
    assert fact(place=yen, value=5).props["value"] == 5
    assert minor_units("xyz") == 100


@given(st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_is_the_same_as_text_and_as_number(minor: int, currency: str) -> None:
    digits = {"EUR": 2, "JPY": 0, "KWD": 3}[currency]
    text = f"{'-' if minor < 0 else ''}{abs(minor) // 10**digits}"
    text += f".{abs(minor) % 10**digits:0{digits}d}" if digits else ""
    assert props(price=text, currency=currency)["price"] == minor
    assert props(price=float(text), currency=currency)["price"] == minor


# -- orders -----------------------------------------------------------------------------------------------------------

LINES = [{"sku": "A", "price": 10, "quantity": 2}, {"sku": "B", "price": "0.5", "quantity": "3"}]


@pytest.mark.parametrize(
    ("properties", "cents"),
    [
        ({"revenue": 10, "subtotal": 20, "total": 30, "products": LINES}, 1000),
        ({"subtotal": 20, "total": 30, "shipping": 4}, 2000),
        ({"total": 30, "shipping": 4, "tax": 1.5}, 2450),
        ({"total": 30}, 3000),
        ({"products": LINES}, 2150),
        ({"products": LINES, "discount": 1.5}, 2000),
        ({"products": [{"price": 7}]}, 700),
        ({"products": [{"price": 1, "quantity": 0.5}, {"sku": "no price"}]}, 50),
        ({"revenue": "free", "total": 5}, 500),
    ],
)
def test_the_value_of_an_order(properties: dict[str, Any], cents: int) -> None:
    assert fact("Order Completed", **properties).props["revenue"] == cents


@pytest.mark.parametrize(
    "properties",
    [{}, {"products": [{"sku": "A"}]}, {"products": [{"price": 10**13, "quantity": 1e300}]}, {"revenue": True}],
)
def test_an_order_of_unknown_value_has_none(properties: dict[str, Any]) -> None:
    assert "revenue" not in fact("Order Completed", **properties).props


@pytest.mark.parametrize("name", ["Order Refunded", "Order Cancelled"])
@pytest.mark.parametrize("amount", [20, -20])
def test_what_goes_back_is_negative_revenue(name: str, amount: int) -> None:
    assert fact(name, order_id="A", revenue=amount).props["revenue"] == -2000


def test_a_refund_may_state_its_total_and_need_not_state_anything() -> None:
    refund = fact("Order Refunded", order_id="A", total=23, shipping=3)
    assert refund.props["revenue"] == -2300, "a refund gives back what it says, shipping included"
    cancelled = fact("Order Cancelled", order_id="A", total=23, shipping=3)
    assert cancelled.props["revenue"] == -2000, "a cancelled order takes back what the order brought"
    assert "revenue" not in fact("Order Refunded", order_id="A").props


@pytest.mark.parametrize("sent", [None, "", "  ", [], True])
def test_an_order_without_an_id_is_an_order_of_its_own(sent: object) -> None:
    assert fact("Order Completed", order_id=sent).props["order_id"] == "row 7"
    assert fact("Order Completed", orderId=17).props["order_id"] == "17"


def test_only_orders_are_completed_so() -> None:
    assert fact("Checkout Started", total=3, products=LINES).props == {"total": 300}


def test_lines_keep_what_rules_can_ask_for() -> None:
    [line] = fact(
        "Order Completed",
        products=[
            {
                "product_id": 5,
                "sku": 5.0,
                "name": " Jacke ",
                "category": "Outdoor > Jacken",
                "price": "1",
                "url": "https://x",
            },
            "no line",
        ],
    ).items
    assert line == {"product_id": "5", "sku": "5", "name": "jacke", "category": "outdoor/jacken", "price": 100}
    assert fact("Order Completed", products={"sku": "A"}).items == []
    assert fact("Order Completed", products=[{"name": None, "quantity": True, "price": "?"}]).items == [{}]


# -- text, numbers, time ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "sent", "folded"),
    [
        ("Farbe", " GRÜN ", "grün"),
        ("color", "Gru\u0308n", "grün"),
        ("city", "Straße", "strasse"),
        ("category", "Outdoor > Jackets>", "outdoor/jackets"),
        ("category", "/Outdoor / Jackets/", "outdoor/jackets"),
        ("product_id", 123, "123"),
        ("product_id", 123.0, "123"),
        ("product_id", 12345678901234567890, "12345678901234567890"),
        ("name", "2026-05-01", "2026-05-01"),
        ("x", 3.0, 3),
        ("x", 2.5, 2.5),
        ("x", 2**53 + 2, float(2**53 + 2)),
        ("x", True, True),
        ("x", [1, "B", True], "1, b, true"),
        ("x", "12", "12"),
        ("quantity", "2", 2),
        ("rating", "4.5", 4.5),
        ("step", "Reminder", "reminder"),
        ("step", 2, 2),
        ("x", "a\x00b\x00", "ab"),
        ("x", "y" * 2_000, "y" * 1_000),
    ],
)
def test_a_value_has_one_form(key: str, sent: object, folded: object) -> None:
    [(_, found)] = props(**{key: sent}).items()
    assert (found, type(found)) == (folded, type(folded))


@pytest.mark.parametrize("sent", [None, float("nan"), float("inf"), [], [None], [[1]], [{"a": 1}], {}, 1e999])
def test_what_cannot_be_asked_for_is_not_there(sent: object) -> None:
    assert props(x=sent) == {}
    assert props(product_id=sent) == {}


@pytest.mark.parametrize(
    ("sent", "utc"),
    [
        ("2026-05-01", "2026-05-01T00:00:00.000000Z"),
        ("2026-05-01T12:30", "2026-05-01T12:30:00.000000Z"),
        ("2026-05-01 12:30:05", "2026-05-01T12:30:05.000000Z"),
        ("2026-05-01T12:30:00+02:00", "2026-05-01T10:30:00.000000Z"),
        ("2026-05-01T12:30:00+0530", "2026-05-01T07:00:00.000000Z"),
        ("2026-05-01T12:30:00.123Z", "2026-05-01T12:30:00.123000Z"),
        ("2026-13-01", "2026-13-01"),
        ("2026-05-01T25:00", "2026-05-01t25:00"),
        ("0001-01-01T00:00+23:00", "0001-01-01t00:00+23:00"),
        ("0999-01-01", "0999-01-01"),
        ("2026-05-01 to 2026-05-02", "2026-05-01 to 2026-05-02"),
    ],
)
def test_instants_are_utc_text_of_one_width(sent: str, utc: str) -> None:
    assert props(until=sent)["until"] == utc


@given(st.datetimes(timezones=st.timezones()), st.datetimes(timezones=st.just(UTC)))
def test_comparing_folded_instants_compares_time(one: datetime, other: datetime) -> None:
    one, other = (moment.replace(year=1900 + moment.year % 200, day=1) for moment in (one, other))
    offset = one.utcoffset() or timedelta()
    if offset.total_seconds() % 60:  # ISO 8601 writes zones in whole minutes
        one = one.astimezone(UTC)
    first, second = props(t=one.isoformat())["t"], props(t=other.isoformat())["t"]
    assert (first < second, first == second) == (one.astimezone(UTC) < other, one.astimezone(UTC) == other)


@given(st.text(max_size=30))
def test_folding_text_twice_is_folding_it_once(text: str) -> None:
    once = fold_text(text)
    assert fold_text(once) == once
    assert fold_text(unicodedata.normalize("NFD", text)) == fold_text(unicodedata.normalize("NFC", text)) == once
    assert category_path(category_path(text)) == category_path(text)
    once.encode()


def test_keys_are_snake_case_with_dots_however_they_are_sent() -> None:
    sent = {"fooBar": 1, "foo-baz": 2, "Foo Qux": 3, "a": {"bC": {"d": 4}}, "already_so": 5}
    assert props(**sent) == {"foo_bar": 1, "foo_baz": 2, "foo_qux": 3, "a.b_c.d": 4, "already_so": 5}


def test_what_is_too_deep_or_too_much_is_left_out() -> None:
    deep: dict[str, Any] = {"end": 1}
    for _ in range(6):
        deep = {"a": deep, "b": 1}
    assert set(props(**deep)) == {"b", "a.b", "a.a.b", "a.a.a.b", "a.a.a.a.b"}
    assert len(props(**{f"k{number}": 1 for number in range(500)})) == 200


# -- what is personal stays behind ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(DIRECT_IDENTIFIERS - {"name"}))
def test_a_direct_identifier_is_only_known(key: str) -> None:
    assert props(**{key: "Anna"}) == {key: True}
    assert props(**{key: ""}) == props(**{key: None}) == {}
    inner = key.rpartition(".")[2]
    assert props(customer={inner: "Anna", "billing": {inner: "Anna"}}) == {
        f"customer.{inner}": True,
        f"customer.billing.{inner}": True,
    }


def test_an_address_keeps_its_town_only() -> None:
    sent = {"address": {"street": "Weg 1", "postalCode": "04109", "city": "Leipzig"}, "ip": "192.0.2.1"}
    assert props(**sent) == {
        "address.street": True,
        "address.postal_code": True,
        "address.city": "leipzig",
        "ip": True,
    }


# -- rows -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SPEC_EVENTS)
def test_names_of_the_spec_are_known_in_any_case(name: str) -> None:
    assert canonical_event_name(f" {name.upper()} ") == canonical_event_name(name.lower()) == name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Completed Order", "Order Completed"),
        ("viewed product category", "Product List Viewed"),
        ("Email Unsubscribed", "Unsubscribed"),
        (" My Own Event ", "My Own Event"),
    ],
)
def test_old_names_are_the_new_ones_and_own_names_stay(old: str, new: str) -> None:
    assert canonical_event_name(old) == new


def test_each_kind_of_row_states_its_fact() -> None:
    assert fact_of(
        event("track", "completed order", {"properties": {"total": 3}}), {"properties": {"total": 3}}, EURO
    ) == Fact(0, 7, 0, "Order Completed", "shop", 0, 1, {"total": 300, "order_id": "row 7", "revenue": 300})
    pages = {"properties": {"path": "/a"}}
    page = fact_of(event("page", "Home", pages), pages, EURO)
    assert page is not None
    assert (page.name, page.props) == ("Page Viewed", {"page_name": "home", "path": "/a"})
    screen = fact_of(event("screen", "", pages), pages, EURO)
    assert screen is not None
    assert (screen.name, screen.props) == ("Screen Viewed", {"path": "/a"})
    group = fact_of(event("group", "", {}), {"traits": {"plan": "Gold"}}, EURO)
    assert group is not None
    assert (group.name, group.props) == ("Group Joined", {"plan": "gold"})
    for kind in ("identify", "alias", "system", "definition"):
        assert fact_of(event(kind, "x", {}), {"properties": {"a": 1}}, EURO) is None


@pytest.mark.parametrize("payload", [b"", b"[]", b"1", b"null"])
def test_a_payload_of_another_form_is_empty(payload: bytes) -> None:
    assert payload_of(event("track", "x", payload)) == {}
    assert section({"properties": [1]}, "properties") == {}


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Berlin",
        "Australia/Adelaide",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
    ],
)
@given(at=st.integers(0, 24_836 * 24))  # every hour until 2038, and a while into it
def test_day_and_hour_are_those_of_the_brands_clocks(zone: str, at: int) -> None:
    place = BrandZone(ZoneInfo(zone), 100)
    for minute in (0, 29, 30, 59):
        instant = at * HOUR + minute * HOUR // 60
        local = datetime.fromtimestamp(instant // 1_000_000, ZoneInfo(zone))
        assert place.local(instant) == (local.toordinal() - date(1970, 1, 1).toordinal(), local.hour)


@pytest.mark.parametrize(
    ("utc", "hour"),
    [
        ("2026-03-29T00:59", 1),
        ("2026-03-29T01:00", 3),
        ("2026-10-25T00:30", 2),
        ("2026-10-25T01:30", 2),
        ("2026-10-25T23:00", 0),
    ],
)
def test_the_nights_in_which_clocks_change(utc: str, hour: int) -> None:
    at = int(datetime.fromisoformat(f"{utc}+00:00").timestamp()) * 1_000_000
    assert fact(at=at).hour == hour
    assert fact(at=at).day == at // DAY + (utc.endswith("23:00"))


def test_the_half_hour_in_which_adelaide_changes_its_clocks() -> None:
    place = BrandZone(ZoneInfo("Australia/Adelaide"), 100)
    before = int(datetime(2026, 10, 3, 16, 15, tzinfo=UTC).timestamp()) * 1_000_000
    assert [place.local(before)[1], place.local(before + HOUR // 2)[1]] == [1, 3]


# -- anything ---------------------------------------------------------------------------------------------------------

KEYS = st.sampled_from(
    sorted({*MONEY_KEYS, *DIRECT_IDENTIFIERS, "products", "order_id", "currency", "quantity", "category"})
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
    | st.sampled_from(["1e999", "2026-05-01", "-5", 10**400, 1e308, "JPY", -0.0]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=6), inner, max_size=5),
    max_leaves=15,
)


@given(
    st.dictionaries(KEYS | st.text(st.characters(exclude_categories=("Cs",)), max_size=6), ANYTHING, max_size=6),
    st.sampled_from(["Product Viewed", "Order Completed", "Order Refunded"]),
    st.sampled_from([1, 100, 1000]),
)
def test_whatever_is_sent_becomes_a_fact_that_keeps_the_promises(body: dict[str, Any], name: str, minor: int) -> None:
    sent = contents(json.dumps(body).encode())
    place = BrandZone(ZoneInfo("Europe/Berlin"), minor)
    found = make_fact(0, (7, 0), name, "shop", sent, place)
    assert found == make_fact(0, (7, 0), name, "shop", contents(json.dumps(body).encode()), place), (
        "equal in, equal out"
    )
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Fact)
    assert again == found, "can be stored"
    for values in (found.props, *found.items):
        for key, value in values.items():
            assert type(value) in (str, int, float, bool)
            assert value == value, "no NaN"
            if key in MONEY_KEYS:
                assert type(value) is int
                assert abs(value) < 2**55
            if type(value) is str:
                assert value == fold_text(value) or value.endswith("Z")
    for key, value in found.props.items():
        if key.rpartition(".")[2] in DIRECT_IDENTIFIERS - {"name"}:
            assert value is True
