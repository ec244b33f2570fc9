"""The simulated shop: the same lives however time is cut, and lives one can believe."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import orjson
import pytest

from anstoss.brands.public import DAY, HOUR, SECOND
from anstoss.demo.public import Mailing, Shop
from anstoss.log.public import NewEvent

Said = Callable[[NewEvent], dict[str, object]]


def cut(shop: Shop, until: int, step: int) -> list[NewEvent]:
    told = []
    for at in range(shop.start, until, step):
        told += shop.events(at, min(at + step, until))
    return told


def test_the_same_seed_tells_the_same_however_time_is_cut(start: int) -> None:
    until = start + 120 * DAY
    whole = Shop(3, 150, start).events(start, until)
    assert len(whole) > 300
    assert cut(Shop(3, 150, start), until, 7 * HOUR + 13) == whole
    assert cut(Shop(3, 150, start), until, 50 * DAY) == whole
    assert Shop(4, 150, start).events(start, until) != whole


def test_a_shop_taken_up_later_goes_on_as_if_it_had_been_told_all_along(start: int) -> None:
    middle, until = start + 200 * DAY, start + 230 * DAY
    steady = Shop(3, 150, start)
    steady.events(start, middle)
    assert Shop(3, 150, start).events(middle, until) == steady.events(middle, until) != []


def test_it_cannot_go_back(start: int) -> None:
    shop = Shop(1, 10, start)
    shop.events(start, start + DAY)
    with pytest.raises(ValueError, match="cannot go back"):
        shop.events(start, start + 2 * DAY)


def test_events_come_in_time_order_with_ids_of_their_own(played) -> None:
    instants = [event.occurred_at for event in played.events]
    assert instants == sorted(instants)
    assert played.shop.start <= instants[0] <= instants[-1] < played.shop.end
    assert len({event.message_id for event in played.events}) == len(played.events)
    assert max(len(event.message_id) for event in played.events) <= 100


def test_people_come_over_the_whole_time_and_go_on_coming(played) -> None:
    shop = played.shop
    arrivals = [person.nature.arrives_at for person in shop.people]
    assert len(arrivals) == shop.customers
    late = sum(at > shop.start + 365 * DAY for at in arrivals)
    assert 0.35 < late / shop.customers < 0.5
    later = Shop(7, 100, shop.start, days=365)
    later.events(later.start, later.end + 365 * DAY)
    assert 180 < len(later.people) < 200


def test_orders_are_skewed_and_half_of_the_buyers_repeat(played) -> None:
    orders = sorted(person.orders for person in played.shop.people if person.orders)
    repeat = sum(count > 1 for count in orders) / len(orders)
    assert 0.30 < repeat < 0.60
    assert 0.3 < len(orders) / played.shop.customers < 0.7
    assert sum(orders[-len(orders) // 10 :]) > 0.25 * sum(orders)
    assert orders[-1] >= 10


def test_most_checkouts_do_not_end_in_an_order(played, said: Said) -> None:
    started = {said(event)["order_id"] for event in played.named("Checkout Started")}
    bought = {said(event)["order_id"] for event in played.named("Order Completed")}
    assert bought <= started
    assert 0.50 < 1 - len(bought) / len(started) < 0.75


def test_some_baskets_are_bought_later_by_themselves(played, said: Said) -> None:
    started = {said(event)["order_id"]: event.occurred_at for event in played.named("Checkout Started")}
    gaps = [event.occurred_at - started[said(event)["order_id"]] for event in played.named("Order Completed")]
    assert 0.1 < sum(gap > HOUR for gap in gaps) / len(gaps) < 0.4
    assert min(gaps) > 0


def test_evenings_are_busy_and_nights_are_quiet(played) -> None:
    zone = ZoneInfo("Europe/Berlin")
    moments = (datetime.fromtimestamp(event.occurred_at // SECOND, UTC) for event in played.events)
    hours = Counter(moment.astimezone(zone).hour for moment in moments)
    assert sum(hours[hour] for hour in (19, 20, 21)) > 8 * sum(hours[hour] for hour in (2, 3, 4))


def test_a_visitor_without_a_name_stays_without_one_and_consent_comes_only_from_known_people(played) -> None:
    users = {event.identity[0] for event in played.events if event.identity[0].startswith("user:")}
    known = {f"user:fernwald/{person.number}" for person in played.shop.people if person.known}
    assert users == known
    assert any(person.nature.kind == "visitor" for person in played.shop.people)
    consents = [event.identity[0] for event in played.named("Consent Granted")]
    assert len(set(consents)) == len(consents)
    assert 0.5 < len(consents) / len(known) < 0.8
    withdrawn = [event.identity[0] for event in played.named("Consent Withdrawn")]
    assert 0 < len(withdrawn) < len(consents)
    assert set(withdrawn) <= set(consents)


def test_identify_joins_the_device_to_the_user_and_names_reserved_domains_only(played) -> None:
    emails = set()
    for event in played.events:
        if event.type == "identify":
            traits = orjson.loads(event.payload)["traits"]
            user, anonymous, email = event.identity
            assert user.startswith("user:fernwald/")
            assert anonymous.startswith("anon:")
            assert email == f"email:{traits['email']}"
            assert traits["first_name"]
            emails.add(traits["email"])
    assert {email.partition("@")[2] for email in emails} == {"example.org", "example.net", "example.com"}
    assert all(email.isascii() and email == email.lower() for email in emails)
    assert len(emails) == sum(person.known for person in played.shop.people)


def test_a_fifth_reads_english(played) -> None:
    english = sum(person.card.locale == "en" for person in played.shop.people)
    assert 0.15 < english / played.shop.customers < 0.25


def test_what_runs_out_is_bought_again_when_it_has_run_out(played, said: Said) -> None:
    consumable = {product.id: product.shelf.life for product in played.shop.products if product.shelf.life}
    last: dict[tuple[str, object], int] = {}
    gaps = []
    for event in played.named("Order Completed"):
        for line in said(event)["products"]:
            key = (event.identity[0], line["product_id"])
            if line["product_id"] in consumable and key in last:
                gaps.append((event.occurred_at - last[key]) / DAY / consumable[line["product_id"]])
            last[key] = event.occurred_at
    assert len(gaps) > 100
    assert sum(gap > 0.8 for gap in gaps) > 0.8 * len(gaps)


def test_unknown_recipients_do_not_react(start: int) -> None:
    shop = Shop(1, 10, start)
    shop.events(start, start + DAY)
    for recipient in ("user:fernwald/999999", "user:other/100000", "anon:x", "user:fernwald/abc"):
        assert shop.react(Mailing("m", recipient, "j", "s", "t", start)) == []


@pytest.mark.slow
def test_five_thousand_people_and_two_years_take_under_eight_seconds(start: int) -> None:
    before = time.process_time()
    shop = Shop(1, 5_000, start)
    told = shop.events(start, shop.end)
    assert time.process_time() - before < 8
    assert 70_000 < len(told) < 120_000
