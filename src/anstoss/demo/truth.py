"""The hidden truth of a shop, written down so that estimates can be checked against it."""

from dataclasses import asdict
from math import exp
from pathlib import Path

import orjson

from anstoss.demo.goods import DEPARTMENTS
from anstoss.demo.people import Person
from anstoss.demo.shop import Shop

HORIZON_DAYS = 90


def truth(shop: Shop) -> dict[str, object]:
    """What is true of every person at the instant the shop was played to. Rates per day, instants UTC microseconds.

    ``expected_orders_90d``: orders of their own accord to expect in the next 90 days, given the hidden rates and
    whether the person is still a customer: the integral of rate x season x survival.
    ``orders_caused``: made because of a message; ``orders_forgone``: of those, baskets the person would have come back
    to anyway. So without any message the person would have made ``orders - orders_caused + orders_forgone`` orders.
    """
    days = shop.traffic.days(shop.played, HORIZON_DAYS)
    people = {person.number: _of(person, shop.played, days) for person in shop.people}
    return {
        "seed": shop.seed,
        "start": shop.start,
        "until": shop.played,
        "departments": list(DEPARTMENTS),
        "people": people,
    }


def write_truth(shop: Shop, path: Path) -> None:
    """Write the truth as JSON, one file."""
    path.write_bytes(orjson.dumps(truth(shop), option=orjson.OPT_INDENT_2))


def _of(person: Person, at: int, days: list[float]) -> dict[str, object]:
    nature = asdict(person.nature)
    interests = dict(zip(DEPARTMENTS, nature.pop("interests"), strict=True))
    return {
        **nature,
        "interests": interests,
        "checkout_rate": person.nature.checkout_rate,
        "alive": person.nature.alive(at),
        "known": person.known,
        "orders": person.orders,
        "orders_caused": person.caused,
        "orders_forgone": person.forgone,
        "expected_orders_90d": _expected(person, at, days),
    }


def _expected(person: Person, at: int, days: list[float]) -> float:
    nature = person.nature
    if not nature.alive(at):
        return 0.0
    return sum(
        nature.order_rate * busyness * exp(-nature.churn_rate * (day + 0.5)) for day, busyness in enumerate(days)
    )
