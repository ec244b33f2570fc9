"""What messages do to the people of the shop, and that the truth file says so."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from anstoss.brands.public import DAY, HOUR, MINUTE
from anstoss.demo.public import Mailing, Shop, truth, write_truth
from anstoss.log.public import NewEvent

LINKS = ("https://fernwald.example.org/warenkorb",)


def reminders(told: list[NewEvent]) -> Iterator[Mailing]:
    """A reminder an hour after every checkout of a known person."""
    for event in told:
        if event.name == "Checkout Started" and event.identity[0].startswith("user:"):
            message = f"reminder/{event.message_id}"
            yield Mailing(message, event.identity[0], "basket", "s1", "reminder", event.occurred_at + HOUR, links=LINKS)


def play(shop: Shop, until: int, step: int, **nature: float) -> list[NewEvent]:
    """Play while every checkout is answered with a reminder, told to the shop when it is handed over.

    ``nature`` replaces hidden traits of everybody.
    """
    told: list[NewEvent] = []
    waiting: list[Mailing] = []
    at, changed = shop.start, 0
    while at < until:
        stop = min([at + step, until, *(mailing.handed_at for mailing in waiting)])
        news = shop.events(at, stop)
        told += news
        for person in shop.people[changed:]:
            person.nature = replace(person.nature, **nature)
        changed = len(shop.people)
        waiting = sorted([*waiting, *reminders(news)], key=lambda mailing: (mailing.handed_at, mailing.message_id))
        while waiting and waiting[0].handed_at <= stop:
            shop.react(waiting.pop(0))
        at = stop
    return told


@pytest.fixture(scope="module")
def until(start: int) -> int:
    return start + 250 * DAY


@pytest.fixture(scope="module")
def reminded(start: int, until: int) -> tuple[Shop, list[NewEvent]]:
    shop = Shop(5, 500, start)
    return shop, play(shop, until, 30 * MINUTE, opens=1.0, clicks=0.8)


def test_messages_told_in_time_have_the_same_effect_however_time_is_cut(start: int) -> None:
    until = start + 90 * DAY
    fine, coarse = (play(Shop(5, 200, start), until, step) for step in (20 * MINUTE, 55 * MINUTE))
    assert fine == coarse
    assert any(event.name == "Email Link Clicked" for event in fine)


def test_people_order_of_their_own_accord_what_they_would_have_ordered_without_messages(
    reminded: tuple[Shop, list[NewEvent]], start: int, until: int
) -> None:
    shop, _ = reminded
    silent = Shop(5, 500, start)
    silent.events(start, until)
    with_messages = [person.orders - person.caused + person.forgone for person in shop.people]
    assert with_messages == [person.orders for person in silent.people]


def test_reminders_cause_orders_but_some_baskets_would_have_been_bought_anyway(
    reminded: tuple[Shop, list[NewEvent]],
) -> None:
    shop, _ = reminded
    caused = sum(person.caused for person in shop.people)
    forgone = sum(person.forgone for person in shop.people)
    assert caused > 50
    assert 0 < forgone < 0.3 * caused


def test_no_basket_is_bought_twice(reminded: tuple[Shop, list[NewEvent]]) -> None:
    _, told = reminded
    orders = [
        orjson.loads(event.payload)["properties"]["order_id"] for event in told if event.name == "Order Completed"
    ]
    assert len(orders) == len(set(orders))


def test_a_click_follows_an_opening_and_a_visit_follows_a_click(reminded: tuple[Shop, list[NewEvent]]) -> None:
    _, told = reminded
    opened = {}
    clicks = [event for event in told if event.name == "Email Link Clicked"]
    for event in told:
        if event.name == "Email Opened":
            assert event.origin == "reaction"
            opened[orjson.loads(event.payload)["properties"]["email_id"]] = event.occurred_at
    assert 0.6 < len(clicks) / len(opened) < 0.9
    for click in clicks:
        body = orjson.loads(click.payload)["properties"]
        assert opened[body["email_id"]] < click.occurred_at
        assert body["link_url"] in LINKS
        assert {body[key] for key in ("journey", "step", "template", "channel")} == {
            "basket",
            "s1",
            "reminder",
            "email",
        }
    landings = {
        event.occurred_at - 2_000_000 for event in told if event.type == "page" and b'"campaign"' in event.payload
    }
    assert {click.occurred_at for click in clicks[:-3]} <= landings


def test_too_many_messages_tire_and_drive_people_off_the_list(start: int) -> None:
    shop = Shop(5, 400, start)
    shop.events(start, start + 60 * DAY)
    known = [f"user:fernwald/{person.number}" for person in shop.people if person.known]
    opens = []
    left = set()
    for number in range(20):
        told = [shop.react(Mailing(f"{number}{user}", user, "j", "s", "t", shop.played, links=LINKS)) for user in known]
        opens.append(sum(bool(events) for events in told))
        left |= {event.identity for events in told for event in events if event.name == "Unsubscribed"}
    assert sum(opens[-5:]) < 0.5 * sum(opens[:5])
    assert left
    after = shop.events(shop.played, shop.played + 20 * DAY)
    withdrawn = {event.identity for event in after if event.name == "Consent Withdrawn"}
    assert withdrawn & left


def test_nobody_leaves_a_list_by_a_transactional_message(start: int) -> None:
    shop = Shop(5, 400, start)
    shop.events(start, start + 60 * DAY)
    names = {
        event.name
        for person in shop.people
        for number in range(30)
        for event in shop.react(
            Mailing(f"{number}", f"user:fernwald/{person.number}", "j", "s", "t", shop.played, purpose="transactional")
        )
    }
    assert names == {"Email Opened"}


def test_the_truth_foretells_the_orders_of_the_next_ninety_days(played, tmp_path: Path, start: int) -> None:
    shop = Shop(11, 1_000, start)
    shop.events(start, start + 500 * DAY)
    write_truth(shop, tmp_path / "truth.json")
    told = orjson.loads((tmp_path / "truth.json").read_bytes())
    assert told == orjson.loads(orjson.dumps(truth(shop)))
    people = told["people"]
    before = {person.number: person.orders for person in shop.people}
    shop.events(shop.played, shop.played + 90 * DAY)
    made = sum(person.orders - before[person.number] for person in shop.people if person.number in before)
    expected = sum(person["expected_orders_90d"] for person in people.values())
    assert made == pytest.approx(expected, rel=0.25)
    assert all(person["expected_orders_90d"] == 0 for person in people.values() if not person["alive"])
    assert all(sum(person["interests"].values()) == pytest.approx(1) for person in people.values())
