"""Fifty ordinary rules on a history of fifty facts: how long one touch takes.

Run alone with ``python -m bench.rules_python``, which tells the rules apart.
"""

import random
import time
from collections.abc import Callable

from anstoss.brands.public import DAY
from anstoss.customers.public import Fact, History
from anstoss.rules.public import Rule, Vocabulary, compile_rule, holds, parse_metric
from bench.row import Row

NOW = 20_000 * DAY
METRICS = [
    {"key": "quiet", "unit": "days", "compute": {"days_since_last": {"event": "Order Completed"}}},
    {"key": "p_alive", "unit": "share", "compute": {"last_value": {"event": "Scores Set", "of": "p_alive"}}},
]
RULES = [
    {"did": {"event": "Order Completed", "at_least": 3, "within": "365d"}},
    {"did_not": {"event": "Product Viewed", "within": "60d", "where": {"category": {"under": "Outdoor"}}}},
    {
        "all": [
            {"stage": {"lifecycle": "shop", "in": ["retention"]}},
            {"did": {"event": "Order Completed", "at_least": 2, "within": "365d"}},
            {"did": {"event": "Product Viewed", "within": "60d"}},
            {"metric": {"p_alive": {"below": 0.4}}},
            {"consent": {"channel": "email"}},
        ]
    },
    {"metric": {"quiet": {"above": 60}}},
    {"any": [{"trait": {"city": "Bonn"}}, {"trait": {"age": {"above": 30}}}]},
    {"did": {"event": "Order Completed", "sum": {"of": "revenue", "above": 100}, "within": "365d"}},
    {"message": {"reaction": "clicked", "within": "30d"}},
    {"sequence": {"steps": [{"event": "Product Viewed"}, {"event": "Order Completed"}], "within": "7d"}},
    {"did": {"event": "Page Viewed", "at_least": 5, "within": "90d"}},
    {"trait": {"city": {"in": ["Berlin", "Hamburg"]}}},
]
PROPS = {
    "Product Viewed": {"category": "outdoor/jackets", "price": 1999, "product_id": "p1"},
    "Page Viewed": {},
    "Order Completed": {"revenue": 5000, "order_id": "o"},
    "Traits Set": {"city": "berlin", "age": 33},
    "Stage Entered": {"lifecycle": "shop", "stage": "retention"},
    "Consent Granted": {"channel": "email", "brand": "shop"},
    "Scores Set": {"p_alive": 0.3},
    "Email Opened": {"journey": "welcome"},
}


def history() -> History:
    """Fifty facts over 400 days, mostly views."""
    chance = random.Random(1)  # noqa: S311 - the same history every time
    names = chance.choices(list(PROPS), weights=[20, 10, 5, 2, 2, 1, 1, 2], k=50)
    times = [NOW - chance.randrange(400) * DAY for _ in names]
    return History(
        Fact(at, seq, 0, name, "shop", 0, 0, PROPS[name])
        for seq, (at, name) in enumerate(zip(times, names, strict=True))
    )


def run(quick: bool = False) -> list[Row]:
    """The rows of the table: the best of many runs."""
    rules, facts = compiled(), history()
    test, evidence = (
        _best(lambda: [rule.test(facts, NOW) for rule in rules]),
        _best(lambda: [holds(rule, facts, NOW) for rule in rules]),
    )
    return [
        Row("50 rules over one history of 50 facts: answer and next flip", test, "ms", at_most=True),
        Row("the same with evidence", evidence, "ms", None, test, "without", at_most=True),
    ]


def compiled() -> list[Rule]:
    """The ten rules, five times."""
    metrics = {body["key"]: parse_metric(body) for body in METRICS}
    vocabulary = Vocabulary(metrics, {"shop": ("growth", "retention")})
    return [compile_rule(body, vocabulary) for body in RULES] * 5


def _best(call: Callable[[], object]) -> float:
    runs = []
    for _ in range(300):
        begin = time.perf_counter()
        call()
        runs.append(time.perf_counter() - begin)
    return min(runs) * 1000


if __name__ == "__main__":
    for row in run():
        print(f"{row.figure:8.3f} {row.unit} {row.what}")
    touched = history()
    for rule, body in zip(compiled(), RULES, strict=False):
        print(f"{_best(lambda rule=rule: rule.test(touched, NOW)) * 1000:8.2f} us {str(body)[:90]}")
