"""Stories about people on their way through a journey, told through the real pulse."""

from importlib.resources import files
from pathlib import Path

import pytest
from tests.pulse.homes import TEMPLATE, Shop

from anstoss.brands.public import DAY, HOUR, MINUTE
from anstoss.journeys.public import playbook
from anstoss.pulse.public import publish
from anstoss.segments.public import segment_presets
from anstoss.store.public import read_document

WHO = ("user:shop/1", "email:anna@example.org")
BASKET = """
---
journey: basket
start: {on: Checkout Started}
key: order_id
again: {}
leave_on: Cart Viewed
goal: {event: Order Completed, within: 7d}
steps: [{wait: 1h}, {send: reminder}]
"""
MORNING = """
---
journey: morning
start: {on: Product Viewed}
again: {}
steps: [{wait: {until: "09:00"}}, {send: reminder}]
"""
HALF = """
---
journey: half
start: {on: Product Viewed}
again: {}
holdout: 50%
steps: [{wait: 1h}]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "home")


def reasons(shop: Shop) -> list[tuple[str, str]]:
    return [(journey, reason) for journey, reason in shop.rows("SELECT journey, reason FROM enrolment ORDER BY entry")]


def test_a_purchase_that_happened_after_the_checkout_but_before_it_arrived_ends_the_journey(shop: Shop) -> None:
    shop.publish(TEMPLATE + BASKET)
    shop.passes(10 * MINUTE)
    shop.happens("Checkout Started", {"order_id": "B"}, occurred_at=shop.clock.now() - 5 * MINUTE)  # a slow browser
    shop.passes(1)
    shop.happens("Order Completed", {"order_id": "B", "revenue": 5}, occurred_at=shop.clock.now() - 2 * MINUTE)
    shop.passes(DAY)
    assert reasons(shop) == [("basket", "goal")]
    assert shop.messages() == []


@pytest.mark.parametrize("end", ["Order Completed", "Cart Viewed"])
def test_a_checkout_that_arrives_after_its_purchase_starts_nothing(shop: Shop, end: str) -> None:
    shop.publish(TEMPLATE + BASKET)
    shop.passes(10 * MINUTE)
    bought = shop.clock.now()
    shop.happens(end, {"order_id": "B"})
    shop.passes(MINUTE)
    shop.happens("Checkout Started", {"order_id": "B"}, occurred_at=bought - 1)
    shop.passes(DAY)
    assert shop.messages() == []
    assert "Journey Not Started" in shop.names()
    shop.happens("Checkout Started", {"order_id": "C"})
    shop.passes(DAY)
    assert len(shop.messages()) == 1, "the next basket counts"


def test_a_purchase_right_after_the_last_step_withdraws_its_mail(shop: Shop) -> None:
    shop.publish(TEMPLATE + BASKET)
    shop.happens("Checkout Started", {"order_id": "B"})
    shop.passes(HOUR + 1)
    assert shop.messages() == [("basket", "reminder", "planned")]
    shop.happens("Order Completed", {"order_id": "B"})
    shop.passes(1)
    assert shop.messages() == [("basket", "reminder", "refused")]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "Europe", 7])
def test_a_zone_that_does_not_exist_stops_nobodys_journey(shop: Shop, zone: object) -> None:
    shop.publish(TEMPLATE + MORNING)
    shop.identifies({"timezone": zone}, who=WHO)
    shop.happens("Product Viewed", {"product_id": "p"}, who=WHO)
    shop.passes(2 * DAY)
    assert shop.rows("SELECT active FROM definition WHERE kind = 'journey'") == [(1,)]
    assert len(shop.messages()) == 1


def test_nine_in_the_morning_is_that_of_the_customer(shop: Shop) -> None:
    shop.publish(TEMPLATE + MORNING)
    shop.identifies({"timezone": "America/New_York"}, who=WHO)
    shop.happens("Product Viewed", {"product_id": "p"}, who=WHO)
    shop.passes(HOUR)
    [(due,)] = shop.rows("SELECT due FROM enrolment")
    assert due % DAY == 13 * HOUR, "09:00 in New York in October is 13:00 UTC"


def test_somebody_stays_in_her_arm_also_when_her_device_becomes_another_users(shop: Shop) -> None:
    shop.publish(TEMPLATE + HALF)
    for number in range(12):
        first, second, device = f"user:shop/{number}", f"user:shop/{number}b", f"anon:{number}"
        shop.happens("Product Viewed", who=(device,))
        shop.happens("Page", who=(first, device))
        shop.passes(2 * HOUR)
        shop.happens("Page", who=(second, device))
        shop.happens("Product Viewed", who=(first,))
        shop.passes(2 * HOUR)
    arms = shop.rows("SELECT count(DISTINCT arm), count(*) FROM enrolment GROUP BY person")
    assert arms == [(1, 2)] * 12
    assert shop.rows("SELECT count(DISTINCT arm) FROM enrolment") == [(2,)]


def test_the_playbook_is_published_as_it_comes(shop: Shop) -> None:
    shop.publish()
    folder = files("anstoss.content").joinpath("templates")
    templates = [read_document(file.read_text(encoding="utf-8")) for file in folder.iterdir()]
    done = publish(shop.home, shop.log, shop.clock, [*templates, *segment_presets().values(), *playbook().values()])
    shop.passes(MINUTE)
    assert {key for kind, key in done if kind == "journey"} == set(playbook())
    active = set(shop.rows("SELECT kind, key FROM definition WHERE active = 1"))
    assert set(done) <= active
    assert len(playbook()) >= 6
    assert len(segment_presets()) >= 8
