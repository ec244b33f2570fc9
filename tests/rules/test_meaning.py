"""Worked examples of what rules mean, each answered by both readings."""

import datetime
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from anstoss.brands.public import DAY
from anstoss.customers.public import Fact, History, category_path, fold_text
from anstoss.rules.public import Vocabulary, compile_rule, holds, measure, metric_depends, parse_metric, sql

from .warehouse import Warehouse

NOW = 20_000 * DAY  # 2024-10-04T00:00Z
COMPUTES = {
    "bought": ("text", {"last_value": {"event": "Order Completed", "of": "category"}}),
    "pieces": ("number", {"last_value": {"event": "Order Completed", "of": "quantity"}}),
    "spent": ("money", {"sum": {"event": "Order Completed", "of": "revenue", "within": "10d"}}),
    "quiet": ("days", {"days_since_last": {"event": "Order Completed", "within": "5d"}}),
    "basket": (
        "money",
        {"ratio": [{"sum": {"event": "Order Completed", "of": "revenue"}}, {"count": {"event": "Order Completed"}}]},
    ),
}
VOCABULARY = Vocabulary(
    metrics={key: parse_metric({"key": key, "unit": unit, "compute": how}) for key, (unit, how) in COMPUTES.items()},
    lifecycles={"shop": ("lead", "growth")},
)


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Warehouse]:
    tables = Warehouse()
    yield tables
    tables.con.close()


def fact(days: float, name: str, seq: int = 1, items: Any = (), **props: Any) -> Fact:
    """``days`` before now."""
    return Fact(NOW - round(days * DAY), seq, 0, name, "shop", 0, 0, props, list(items))


def order(days: float, seq: int = 1, items: Any = (), **props: Any) -> Fact:
    return fact(days, "Order Completed", seq, items, **props)


def traits(days: float = 1, seq: int = 1, **props: Any) -> Fact:
    return fact(days, "Traits Set", seq, **props)


def bought(**test: Any) -> dict[str, Any]:
    return {"did": {"event": "Order Completed", "where": test}}


def ordered(**more: Any) -> dict[str, Any]:
    return {"did": {"event": "Order Completed", **more}}


TENT = {"category": "outdoor/tents", "price": 9900, "quantity": 1}
SOCKS = {"category": "fashion/socks", "price": 900, "quantity": 3.5}
IN_2_DAYS = fact(-2, "Order Completed", 9)
VISITS = [fact(3, "A", 1), fact(2, "B", 2), fact(1, "C", 3)]
CONSENTS = [
    fact(3, "Consent Granted", 1, channel="email", brand="a"),
    fact(2, "Consent Withdrawn", 2, channel="email", brand="a"),
    fact(1, "Consent Granted", 3, channel="email", brand="b"),
]


def steps(*names: str, **more: Any) -> dict[str, Any]:
    return {"sequence": {"steps": [{"event": name} for name in names], "within": "3d", **more}}


def consent(**more: Any) -> dict[str, Any]:
    return {"consent": {"channel": "email", **more}}


# rule, facts, answer, next flip in microseconds after now (None: never)
EXAMPLES: list[tuple[Any, list[Fact], bool, float | None]] = [
    # windows: a fact leaves exactly when it is as old as the window is long
    (ordered(within="5d"), [order(2)], True, 3 * DAY),
    (ordered(within="5d"), [order(5)], False, None),
    (ordered(within="5d", at_least=2), [order(4), order(1, 2), order(2, 3)], True, 3 * DAY),
    (ordered(within="5d", exactly=1), [order(4), order(1, 2)], False, 1 * DAY),
    (ordered(within="5d", at_most=1), [order(4), order(2, 2), order(1, 3)], False, 3 * DAY),
    (ordered(), [IN_2_DAYS], False, 2 * DAY),
    (ordered(between=["2024-10-01", "2024-10-03T00:00Z"]), [order(1)], False, None),
    (ordered(between=["2024-10-01", "2024-10-03T00:00Z"]), [order(1.5)], True, None),
    (ordered(between=["2024-10-01", "2024-10-09"]), [IN_2_DAYS], False, 2 * DAY),
    ({"did_not": {"event": "Order Completed", "between": ["2024-10-05", "2024-10-09"]}}, [IN_2_DAYS], True, 2 * DAY),
    ({"did_not": {"event": "Order Completed", "between": ["2024-10-06T12:00", "2024-10-09"]}}, [IN_2_DAYS], True, None),
    ({"did_not": {"event": ["Order Completed", "A"], "within": "5d"}}, [order(1), fact(2, "A", 2)], False, 4 * DAY),
    # one item must pass every test
    (bought(category={"under": "Outdoor"}, price={"above": 50}), [order(1, items=[TENT, SOCKS])], True, None),
    (bought(category={"under": "Fashion"}, price={"above": 50}), [order(1, items=[TENT, SOCKS])], False, None),
    (bought(category={"under": "Outdoor > Tents"}, order_id="x"), [order(1, items=[TENT], order_id="x")], True, None),
    (bought(category="Home"), [order(1, items=[{"price": 1}], category="home")], True, None),
    (bought(category="Home"), [order(1, category="home")], True, None),
    (
        {"did": {"event": "Product Viewed", "where": {"price": 99}}},
        [fact(1, "Product Viewed", items=[TENT])],
        False,
        None,
    ),
    (ordered(sum={"of": "quantity", "is": 4.5}), [order(1, items=[TENT, SOCKS])], True, None),
    (ordered(average={"of": "price", "is": 54}), [order(1, items=[TENT, SOCKS])], True, None),
    (ordered(smallest={"of": "price", "is": 9}), [order(1, items=[TENT, SOCKS])], True, None),
    (ordered(largest={"of": "quantity", "is": 3.5}), [order(1, items=[TENT, SOCKS])], True, None),
    (
        ordered(distinct={"of": "category", "is": 2}),
        [order(1, items=[TENT, SOCKS]), order(2, 2, items=[TENT])],
        True,
        None,
    ),
    (
        ordered(distinct={"of": "score", "is": 3}),
        [order(1, score=1), order(2, 2, score=1.0), order(3, 3, score=True), order(4, 4, score="1")],
        True,
        None,
    ),
    ({"metric": {"bought": {"starts_with": "fash"}}}, [order(1, items=[TENT, SOCKS])], True, None),
    ({"metric": {"pieces": {"above": 3}}}, [order(1, items=[TENT, SOCKS])], True, None),
    # tests on texts, numbers, yes/no; the missing and the mistyped
    ({"trait": {"city": "BERLIN "}}, [traits(city="berlin")], True, None),
    ({"trait": {"city": {"contains": "rl"}}}, [traits(city="berlin")], True, None),
    ({"trait": {"city": {"starts_with": "rl"}}}, [traits(city="berlin")], False, None),
    ({"trait": {"city": {"is_not": "Bonn"}}}, [], True, None),
    ({"trait": {"city": {"not_in": ["Bonn", 5, True]}}}, [traits(city="bonn")], False, None),
    ({"trait": {"city": {"in": ["Bonn", 5, True]}}}, [traits(city=True)], True, None),
    ({"trait": {"city": {"in": [1, 5]}}}, [traits(city=True)], False, None),
    ({"trait": {"city": 1}}, [traits(city=True)], False, None),
    ({"trait": {"city": True}}, [traits(city=1)], False, None),
    ({"trait": {"city": {"known": True}}}, [traits(2, city="berlin"), traits(1, 2, city="")], False, None),
    ({"trait": {"city": {"known": False}}}, [traits(2, city="berlin"), traits(1, 2, age=3)], False, None),
    ({"trait": {"age": {"at_least": 18, "below": 30}}}, [traits(age=18)], True, None),
    ({"trait": {"age": {"at_most": 18}}}, [traits(age="18")], False, None),
    ({"trait": {"age": {"between": [18, 20]}}}, [traits(age=20)], True, None),
    # times in properties
    (
        {"trait": {"trip": {"between": ["2024-10-01", "2024-10-05"]}}},
        [traits(trip="2024-10-02T00:00:00.000000Z")],
        True,
        None,
    ),
    ({"trait": {"trip": {"before": "2024-10-01"}}}, [traits(trip="2024-02-30T00:00:00.000000Z")], False, None),
    ({"trait": {"trip": {"before": {"ago": "5d"}}}}, [traits(trip="2024-10-02T00:00:00.000000Z")], False, 3 * DAY + 1),
    ({"trait": {"trip": {"after": {"ago": "5d"}}}}, [traits(trip="2024-10-02T00:00:00.000000Z")], True, 3 * DAY),
    ({"trait": {"trip": {"after": {"ago": "5d"}}}}, [traits(trip="soon")], False, None),
    (bought(trip={"after": {"ago": "5d"}}), [order(1, trip="2024-10-02T00:00:00.000000Z")], True, 3 * DAY),
    (bought(trip={"after": {"ago": "1d"}}), [order(1, trip="2024-10-02T00:00:00.000000Z"), order(1, 2)], False, None),
    (ordered(first={"before": {"ago": "3d"}}), [order(1)], False, 2 * DAY + 1),
    (ordered(last={"after": {"ago": "3d"}}, within="2d"), [order(1)], True, 1 * DAY),
    # metrics
    ({"metric": {"quiet": {"above": 2}}}, [order(1)], False, 1 * DAY + 1),
    ({"metric": {"quiet": {"at_least": 2}}}, [order(3)], True, 2 * DAY),
    ({"metric": {"quiet": {"known": False}}}, [order(9)], True, None),
    ({"metric": {"spent": {"above": 20}}}, [order(4, revenue=1500), order(2, 2, revenue=1000)], True, 6 * DAY),
    ({"metric": {"spent": {"at_least": 5}}}, [order(4, revenue=1500), order(2, 2, revenue=1000)], True, 8 * DAY),
    ({"metric": {"basket": {"is": 12.5}}}, [order(4, revenue=1500), order(2, 2, revenue=1000)], True, None),
    ({"metric": {"basket": {"known": True}}}, [], False, None),
    # sequences: in the order of facts, a fact for each step, less than `within` apart
    (steps("A", "B", "C"), VISITS, True, None),
    (steps("A", "C", "B"), VISITS, False, None),
    (steps("A", "A"), VISITS, False, None),
    (steps("A", "B", in_last="5d"), [*VISITS, fact(1.5, "A", 4), fact(1.2, "B", 5)], True, 3.5 * DAY),
    (steps("A", "B", within="1d"), VISITS, False, None),
    (steps("A", "D", within="9d"), [*VISITS, fact(-1, "D", 4)], False, 1 * DAY),
    (
        {
            "sequence": {
                "steps": [{"event": "A"}, {"event": "B", "where": {"trip": {"after": {"ago": "5d"}}}}],
                "within": "3d",
            }
        },
        [VISITS[0], fact(2, "B", 2, trip="2024-10-02T00:00:00.000000Z")],
        True,
        3 * DAY,
    ),
    # consent: the last word by brand
    (consent(), CONSENTS, True, None),
    (consent(brand="a"), CONSENTS, False, None),
    (consent(brand="a", status="withdrawn"), CONSENTS, True, None),
    (consent(status="withdrawn"), CONSENTS[:2], True, None),
    (consent(status="none"), CONSENTS[:2], False, None),
    (consent(status="none"), [], True, None),
    (consent(), [fact(-2, "Consent Granted", channel="email", brand="a")], False, 2 * DAY),
    # stages
    (
        {"stage": {"lifecycle": "shop", "in": ["growth"], "for_at_least": "3d"}},
        [fact(1, "Stage Entered", lifecycle="shop", stage="growth")],
        False,
        2 * DAY,
    ),
    # groups stop where they are decided
    ({"all": [ordered(within="5d"), {"trait": {"city": "Bonn"}}]}, [order(1)], False, None),
    ({"any": [ordered(within="5d"), {"trait": {"city": "Bonn"}}]}, [order(1)], True, 4 * DAY),
    ({"any": [{"trait": {"city": "Bonn"}}, {"not": ordered(within="5d")}]}, [order(1)], False, 4 * DAY),
]


@pytest.mark.parametrize(("body", "facts", "answer", "flip"), EXAMPLES)
def test_what_a_rule_means(
    warehouse: Warehouse, body: Any, facts: list[Fact], answer: bool, flip: float | None
) -> None:
    rule, history = compile_rule(body, VOCABULARY), History(facts)
    assert rule.test(history, NOW) == (answer, None if flip is None else NOW + flip)
    assert holds(rule, history, NOW).holds is answer
    warehouse.fill({1: history, 2: History()})
    assert (1 in warehouse.persons(sql(rule), NOW)) is answer
    if flip is not None:
        changes = [rule.test(history, NOW + int(flip) + nudge)[0] for nudge in (-1, 0)]
        assert changes == [answer, not answer]


def test_facts_of_an_instant_are_in_the_order_of_the_log(warehouse: Warehouse) -> None:
    later, earlier = traits(1, 7, city="bonn"), traits(1, 3, city="berlin")
    history = History([later, earlier, msgspec.structs.replace(later, n=1, props={"city": "kiel"})])
    rule = compile_rule({"trait": {"city": "Kiel"}}, VOCABULARY)
    warehouse.fill({1: history})
    assert rule.test(history, NOW)[0]
    assert warehouse.persons(sql(rule), NOW) == [1]


def test_many_facts_in_a_window_are_looked_at_in_steps() -> None:
    history = History(order(9 - n / 10, n, revenue=1) for n in range(60))
    rule = compile_rule({"metric": {"spent": {"above": 0.1}}}, VOCABULARY)
    answer, flip = rule.test(history, NOW)
    assert answer
    assert flip == history.of("Order Completed")[32].at + 10 * DAY  # early, never late
    assert rule.test(history, flip)[0]


def test_measures() -> None:
    history = History([order(4, revenue=1500), order(2.5, 2, revenue=1000)])
    assert measure(VOCABULARY.metrics["quiet"], history, NOW) == (2.5, NOW + 1 * DAY)
    assert measure(VOCABULARY.metrics["spent"], history, NOW) == (2500, NOW + 6 * DAY)
    assert measure(VOCABULARY.metrics["basket"], History(), NOW) == (None, None)
    assert metric_depends(VOCABULARY.metrics["basket"]) == {"Order Completed"}


def test_evidence_can_be_stored() -> None:
    body = {"all": [ordered(within="5d", last={"after": datetime.date(2024, 1, 1)}), {"segment": "s"}]}
    rule = compile_rule(
        body,
        Vocabulary(segments={"s": {"stage": {"lifecycle": "shop", "in": "lead"}}}, lifecycles=VOCABULARY.lifecycles),
    )
    data = holds(rule, History([order(1)]), NOW).evidence.data()
    assert msgspec.json.decode(msgspec.json.encode(data)) == {
        "condition": "all",
        "holds": False,
        "parts": [
            {
                "condition": "check",
                "holds": True,
                "value": NOW - DAY,
                "facts": [[1, 0, NOW - DAY]],
                "limits": {"after": "2024-01-01"},
                "next_flip": NOW + 4 * DAY,
            },
            {
                "condition": "segment",
                "holds": False,
                "parts": [
                    {
                        "condition": "stage",
                        "holds": False,
                        "parts": [
                            {
                                "condition": "check",
                                "holds": False,
                                "value": None,
                                "facts": [],
                                "limits": {"in": ["lead"]},
                            }
                        ],
                    }
                ],
            },
        ],
    }


def test_a_history_knows_its_facts() -> None:
    history = History([order(1, 1), order(3, 2), traits(2)])
    assert [found.seq for found in history.of("Order Completed")] == [2, 1]
    assert history.of("Nothing") == ()
    assert history.names() == {"Order Completed", "Traits Set"}
    assert not history.remove(order(2, 5))
    assert history.remove(traits(2))
    assert history.names() == {"Order Completed"}


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        (" Berlin\x00 ", "berlin"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("A\u0308", "ä"),
        ("Ä\ud800", "ä"),
        ("İ", "i̇"),
    ],
)
def test_text_is_folded(text: str, folded: str) -> None:
    assert fold_text(text) == folded
    assert fold_text(folded) == folded


def test_categories_are_paths() -> None:
    assert category_path(" Outdoor > Jackets/ Men ") == category_path("outdoor/jackets//men") == "outdoor/jackets/men"
    assert category_path(" / ") == ""
