"""Scenarios told end to end, through the real log, pulse and state, under a clock that the test moves."""

from dataclasses import replace

import orjson
import pytest

from anstoss.brands.public import DAY, HOUR, MINUTE, open_brands
from anstoss.customers.public import fact_of
from anstoss.journeys.program import Branch
from anstoss.log.public import Event
from anstoss.pulse.public import OtherVersion, Reader, why

from .homes import BRAND, START, TEMPLATE, Shop

BASKET = """
---
journey: basket
phase: conversion
start: {on: Checkout Started}
key: order_id
again: {after: 7d, at_most: 3}
leave_on: {event: Order Completed}
goal: {event: Order Completed, within: 7d}
steps:
  - wait: 1h
  - send: reminder
  - wait: {for: {event: Email Link Clicked}, at_most: 2d}
  - branch:
      - when: {metric: {orders: {at_least: 1}}}
        steps: [{send: reminder, id: for-buyers}]
      - otherwise: true
        steps:
          - wait: {until: "09:00"}
          - send: reminder
            id: for-others
"""
ANNA = ("user:shop/1", "email:anna@example.org")


def begins(shop: Shop) -> None:
    shop.publish(TEMPLATE + BASKET)
    shop.identifies({"email": "anna@example.org", "firstName": "Anna"}, who=ANNA)
    shop.happens("Consent Granted", {"channel": "email"})
    shop.passes(MINUTE)


def test_basket_left_one_hour_mail_bought_chain_ends(shop: Shop) -> None:
    begins(shop)
    jacket = {"product_id": "p", "name": "Jacke", "price": 79.9, "quantity": 1}
    shop.happens("Checkout Started", {"order_id": "B1", "value": 80, "products": [jacket]})
    shop.passes(59 * MINUTE)
    assert shop.messages() == []
    shop.passes(MINUTE)
    shop.passes(1)
    assert shop.messages() == [("basket", "reminder", "planned")]
    planned_at = shop.rows("SELECT planned_at FROM message")[0][0]
    assert planned_at == START + MINUTE + HOUR, "to the microsecond, whenever the pulse gets to it"
    context = orjson.loads(shop.rows("SELECT context FROM message")[0][0])
    assert context["products"] == [{**jacket, "price": 7990}], "as sent; money in minor units, as templates print it"
    assert context["customer"]["first_name"] == "Anna"

    shop.happens("Order Completed", {"order_id": "B1", "revenue": 80})
    shop.passes(3 * DAY)
    assert shop.messages() == [("basket", "reminder", "refused")], "bought before it went out: withdrawn"
    assert shop.rows("SELECT reason FROM enrolment") == [("goal",)]
    assert "Journey Goal Reached" in shop.names()


def test_bought_within_the_hour_no_mail(shop: Shop) -> None:
    begins(shop)
    shop.happens("Checkout Started", {"order_id": "B1"})
    shop.passes(30 * MINUTE)
    shop.happens("Order Completed", {"order_id": "B1", "revenue": 80})
    shop.passes(5 * DAY)
    assert shop.messages() == []


def test_time_out_of_the_click_leads_to_the_next_mail_in_the_morning(shop: Shop) -> None:
    begins(shop)
    shop.happens("Checkout Started", {"order_id": "B1"})
    shop.passes(4 * DAY)
    assert [step for _, step, _ in shop.messages()] == ["reminder", "for-others"]
    second = shop.rows("SELECT planned_at FROM message ORDER BY planned_at")[1][0]
    assert second == START - 11 * HOUR + 3 * DAY + 9 * HOUR, "09:00 in Berlin, the first morning after two days"


def test_a_click_ends_the_wait_at_once(shop: Shop) -> None:
    begins(shop)
    shop.happens("Checkout Started", {"order_id": "B1"})
    shop.passes(2 * HOUR)
    shop.happens("Email Link Clicked", {"journey": "basket"}, origin="reaction")
    shop.passes(1)
    assert shop.rows("SELECT step FROM enrolment") == [("wait-3",)], "waiting for the morning"


def test_the_same_basket_does_not_start_twice_and_says_why(shop: Shop) -> None:
    begins(shop)
    shop.happens("Checkout Started", {"order_id": "B1"})
    shop.passes(MINUTE)
    shop.happens("Checkout Started", {"order_id": "B1"})
    shop.happens("Checkout Started", {"order_id": "B2"})
    shop.passes(MINUTE)
    assert len(shop.rows("SELECT * FROM enrolment")) == 1
    reasons = [
        orjson.loads(row[5])["properties"]["reason"]
        for row in shop.engine_rows().values()
        if row[1] == "Journey Not Started"
    ]
    assert reasons == ["running", "too_soon"]


def test_stages_change_by_time_alone_to_the_microsecond(shop: Shop) -> None:
    shop.publish()
    shop.happens("Order Completed", {"order_id": "A", "revenue": 10})
    shop.passes(1)
    assert (shop.stage(), shop.stage(lifecycle="shop-groups")) == ("growth", "new")
    shop.passes(90 * DAY - 1)
    assert shop.stage() == "growth", "exactly 90 days are not more than 90 days"
    shop.passes(2)
    assert shop.stage() == "churn_risk"
    since = shop.rows("SELECT since FROM stage WHERE lifecycle = 'shop'")[0][0]
    assert since == START + 90 * DAY + 1
    shop.passes(300 * DAY)
    assert (shop.stage(), shop.stage(lifecycle="shop-groups")) == ("reactivation", "inactive")
    assert shop.names().count("Stage Entered") == 6


def test_segments_keep_themselves_current_by_touch_and_by_time(shop: Shop) -> None:
    shop.publish("segment: looked\nrule: {did: {event: Product Viewed, at_least: 2, within: 1d}}")
    shop.happens("Product Viewed", {"product_id": "p"})
    shop.passes(HOUR)
    shop.happens("Product Viewed", {"product_id": "p"})
    shop.passes(MINUTE)
    assert shop.segments() == ["looked"]
    shop.passes(DAY - HOUR - MINUTE)
    shop.passes(1)
    assert shop.segments() == []
    assert shop.names().count("Segment Entered") == shop.names().count("Segment Left") == 1


def test_publishing_a_segment_admits_those_for_whom_it_holds_and_mails_nobody(shop: Shop) -> None:
    begins(shop)
    shop.happens("Product Viewed", {"product_id": "p"})
    shop.passes(MINUTE)
    shop.publish(
        "segment: lookers\nrule: {did: {event: Product Viewed}}\n---\n"
        "journey: hello\nstart: {on: Segment Entered, where: {segment: lookers}}\nsteps: [{send: reminder}]\n",
        start=False,
    )
    shop.passes(MINUTE)
    assert shop.segments() == ["lookers"]
    assert shop.messages() == []
    shop.happens("Product Viewed", {"product_id": "p"}, who=("user:shop/2",))
    shop.passes(MINUTE)
    assert [journey for journey, _, _ in shop.messages()] == ["hello"], "who enters afterwards is met"


def test_history_that_is_brought_in_gets_dated_stages_and_no_mail(shop: Shop) -> None:
    begins(shop)
    for days, order in ((900, "C"), (1_000, "B"), (1_100, "A")):
        at = START - days * DAY
        shop.happens("Order Completed", {"order_id": order, "revenue": 50}, occurred_at=at, live=False)
        shop.happens("Checkout Started", {"order_id": order}, occurred_at=at - HOUR, live=False)
    shop.passes(10 * DAY)
    assert shop.messages() == []
    assert (shop.stage(), shop.stage(lifecycle="shop-groups")) == ("reactivation", "inactive")
    moves = shop.rows("SELECT at FROM history WHERE name = 'Stage Entered' AND at < ? ORDER BY at", START - 400 * DAY)
    assert ((START - moves[0][0]) // DAY, (START - moves[-1][0]) // DAY) == (1100, 534), "dated by what happened"
    entered = [row for row in shop.engine_rows().values() if row[1] == "Stage Entered" and not row[4]]
    silent = [orjson.loads(row[5])["properties"] for row in entered]
    stages = [what["stage"] for what in silent if what["lifecycle"] == "shop" and what["from"] != "acquisition"]
    assert stages[-7:] == [*("growth", "churn_risk", "growth", "churn_risk", "retention", "churn_risk", "reactivation")]


def test_an_order_stated_twice_counts_once_and_a_full_refund_takes_all_back(shop: Shop) -> None:
    shop.publish()
    for _ in range(2):
        shop.happens("Order Completed", {"order_id": "A", "revenue": 99.9})
    shop.happens("Order Refunded", {"order_id": "A"})
    shop.passes(MINUTE)
    assert shop.names().count("Order Completed") == 1
    revenues = shop.rows("SELECT body FROM history WHERE name LIKE 'Order %' ORDER BY seq")
    assert len(revenues) == 2


def test_a_definition_that_fails_stops_itself_and_says_where(shop: Shop) -> None:
    begins(shop)
    journey = shop.pulse.world.eras.now.definitions.journeys["basket"]
    broken = replace(journey.trigger, test=lambda history, now: 1 / 0)  # what no check could foresee
    object.__setattr__(journey, "program", (Branch("fork", ((broken, 0),)),))
    shop.happens("Checkout Started", {"order_id": "B1"})
    shop.passes(MINUTE)
    shop.happens("Product Viewed", {"product_id": "p"})
    shop.passes(MINUTE)
    assert shop.rows("SELECT reason FROM enrolment") == [("failed",)]
    assert shop.rows("SELECT active, failure FROM definition WHERE kind = 'journey'") == [(0, "stopped")]
    shop.happens("Checkout Started", {"order_id": "B2"}, who=("user:shop/2",))
    shop.passes(MINUTE)
    assert len(shop.rows("SELECT * FROM enrolment")) == 1, "stopped: starts nobody"
    assert shop.stage("user:shop/2") == "conversion", "the pulse goes on"


def test_a_condition_that_was_not_met_is_explained_as_of_then_and_clutters_no_log(shop: Shop) -> None:
    shop.publish(
        TEMPLATE + "---\njourney: again\nsteps: [{send: reminder}]\n"
        "start: {on: Product Viewed, if: {metric: {orders: {at_least: 1}}}}\n"
    )
    shop.happens("Product Viewed", {"product_id": "p"})
    shop.passes(MINUTE)
    shop.happens("Order Completed", {"order_id": "A", "revenue": 10})
    shop.passes(MINUTE)
    reader = Reader(shop.home, shop.clock)
    answer = why(reader, "1", "again")
    reader.close()
    assert (answer.passages, answer.refusals) == ([], [])
    assert answer.reason is not None
    assert answer.reason.code == "condition"
    assert "Orders at least 1: 0" in answer.reason.words["en"], "as it was then: the order came later"
    assert "Journey Not Started" not in shop.names()
    shop.happens("Product Viewed", {"product_id": "p"})
    shop.passes(MINUTE)
    assert len(shop.messages()) == 1


def test_a_brand_added_while_the_pulse_runs_is_known_by_its_first_row(shop: Shop) -> None:
    begins(shop)
    open_brands(shop.home).add_brand(replace(BRAND, key="york", zone="America/New_York"))
    shop.happens("Checkout Started", {"order_id": "Y1"}, brand="york")
    shop.passes(2 * HOUR)
    assert shop.rows("SELECT hour FROM history WHERE name = 'Checkout Started'") == [(5,)], "11:01 in Berlin"
    assert shop.rows("SELECT brand FROM message") == [("york",)]


def test_a_home_of_another_version_is_refused_in_words(shop: Shop) -> None:
    shop.con.execute("PRAGMA user_version = 99")
    with pytest.raises(OtherVersion, match="form 99"):
        Reader(shop.home, shop.clock)


def test_a_row_that_nobody_foresaw_is_passed_over_and_shown(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    begins(shop)

    def failing(event: Event, payload: object, place: object) -> None:
        if event.name == "Odd":
            raise ZeroDivisionError("odd")
        return fact_of(event, payload, place)

    monkeypatch.setattr("anstoss.pulse.advance.fact_of", failing)
    shop.happens("Odd", {"a": 1})
    shop.happens("Product Viewed", {"product_id": "p"})
    shop.passes(MINUTE)
    assert shop.names()[-1] == "Product Viewed", "the rows around it are folded"
    (reject,) = shop.log.rejects(10)
    assert (reject.reason, reject.source) == ("not_folded", "web")
    assert "odd" in reject.place
