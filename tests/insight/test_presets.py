"""The lifecycles and metrics that come with Anstoss: everybody stands in one stage, and it is the right one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anstoss.brands.public import DAY
from anstoss.customers.public import Fact, History
from anstoss.insight.public import (
    Lifecycle,
    built_in_metrics,
    evidence,
    lifecycle_presets,
    parse_lifecycle,
    stage_keys,
    standing,
)
from anstoss.rules.public import Metric, RuleError, Vocabulary, compile_rule, measure, parse_metric
from anstoss.segments.public import parse_segment, rule_body, segment_presets

NOW = 20_000 * DAY


def vocabulary() -> Vocabulary:
    metrics: dict[str, Metric] = {}
    for body in built_in_metrics():
        metric = parse_metric(body, Vocabulary(metrics=dict(metrics)))
        assert metric.key not in metrics
        metrics[metric.key] = metric
    stages = {key: stage_keys(body) for key, body in lifecycle_presets().items()}
    segments = {key: rule_body(body) for key, body in segment_presets().items()}
    return Vocabulary(metrics=metrics, lifecycles=stages, segments=segments)


WORDS = vocabulary()
PRESETS = {key: parse_lifecycle(body, WORDS) for key, body in lifecycle_presets().items()}


def fact(name: str, days_ago: float, n: int = 0, **props: Any) -> Fact:
    at = NOW - int(days_ago * DAY)
    return Fact(at, n + 1, 0, name, "shop", at // DAY, 0, props)


def orders(*days_ago: float) -> list[Fact]:
    return [fact("Order Completed", days, n, order_id=str(n), revenue=1000) for n, days in enumerate(days_ago)]


def stage(key: str, facts: list[Fact], now: int = NOW) -> str:
    return standing(PRESETS[key], History(facts), now)[0].key


@pytest.mark.parametrize(
    ("facts", "group", "phase"),
    [
        ([], "prospect", "acquisition"),
        ([fact("Page Viewed", 1)], "prospect", "acquisition"),
        ([fact("Product Added", 1)], "prospect", "conversion"),
        ([fact("Checkout Started", 90)], "prospect", "acquisition"),
        ([fact("Product Viewed", day) for day in (1, 2)], "prospect", "acquisition"),
        ([fact("Product Viewed", day) for day in (1, 2, 3)], "prospect", "conversion"),
        (orders(0), "new", "growth"),
        (orders(90), "new", "growth"),
        (orders(90.0001), "existing", "churn_risk"),
        (orders(365), "existing", "churn_risk"),
        (orders(365.0001), "inactive", "reactivation"),
        (orders(5, 40), "existing", "growth"),
        (orders(5, 40, 80), "existing", "retention"),
        (orders(100, 140, 180), "existing", "churn_risk"),
        (orders(400, 440, 480), "inactive", "reactivation"),
        (orders(1, 800), "existing", "growth"),
        ([*orders(400), fact("Product Added", 1)], "inactive", "reactivation"),
        ([*orders(-1)], "prospect", "acquisition"),
    ],
)
def test_groups_and_phases_of_a_shop(facts: list[Fact], group: str, phase: str) -> None:
    assert (stage("shop-groups", facts), stage("shop", facts)) == (group, phase)


HISTORIES = st.lists(
    st.builds(
        fact,
        st.sampled_from(
            [
                "Order Completed",
                "Product Viewed",
                "Product Added",
                "Checkout Started",
                "Email Link Clicked",
                "Page Viewed",
            ]
        ),
        st.floats(-5, 800) | st.sampled_from([0.0, 90.0, 365.0]),
        st.integers(0, 99),
    ),
    max_size=8,
)


@pytest.mark.parametrize("key", sorted(PRESETS))
@given(facts=HISTORIES)
def test_everybody_stands_in_the_first_stage_that_holds_and_no_other(key: str, facts: list[Fact]) -> None:
    lifecycle, history = PRESETS[key], History(facts)
    found, _ = standing(lifecycle, history, NOW)
    place = lifecycle.stages.index(found)
    for earlier in lifecycle.stages[:place]:
        assert earlier.rule is not None
        assert not earlier.rule.test(history, NOW)[0]
    assert found.rule is None or found.rule.test(history, NOW)[0]


@pytest.mark.parametrize("key", sorted(PRESETS))
@given(facts=HISTORIES, share=st.floats(0, 1))
def test_time_alone_changes_nothing_before_it_was_announced(key: str, facts: list[Fact], share: float) -> None:
    history = History(facts)
    found, flip = standing(PRESETS[key], history, NOW)
    last = NOW + 800 * DAY if flip is None else flip - 1
    assert flip is None or flip > NOW
    assert standing(PRESETS[key], history, NOW + int((last - NOW) * share))[0] == found
    assert standing(PRESETS[key], history, last)[0] == found


@pytest.mark.parametrize("key", sorted(PRESETS))
@given(facts=HISTORIES)
def test_a_fact_on_which_nothing_depends_moves_nobody(key: str, facts: list[Fact]) -> None:
    lifecycle = PRESETS[key]
    needed = [each for each in facts if each.name in lifecycle.depends]
    assert stage(key, needed) == stage(key, facts)


def test_stages_come_with_names_and_colours() -> None:
    assert {"shop", "shop-groups"} <= set(PRESETS)
    for lifecycle in PRESETS.values():
        slots = [each.slot for each in lifecycle.stages]
        assert len(set(slots)) == len(slots)
        assert set(slots) <= set(range(1, 7))
        for named in (lifecycle, *lifecycle.stages):
            assert set(named.name) == {"de", "en"}
        assert lifecycle.stage(lifecycle.stages[0].key) is lifecycle.stages[0]


def test_why_somebody_stands_there_can_be_said() -> None:
    shop, history = PRESETS["shop"], History(orders(5, 40, 80))
    assert set(evidence(shop, shop.stage("retention"), history, NOW)) == {"retention"}
    everything = evidence(shop, shop.stage("acquisition"), History(), NOW)
    assert set(everything) == {each.key for each in shop.stages} - {"acquisition"}, "why none of the others"


def test_metrics_are_what_their_names_say() -> None:
    facts = [
        *orders(400, 10, 2),
        fact("Order Refunded", 1, 9, order_id="1", revenue=-400),
        fact("Product Viewed", 3),
        fact("Product Viewed", 31),
        fact("Email Link Clicked", 91),
        fact("Message Handed", 1),
    ]
    history = History(facts)
    found = {key: measure(metric, history, NOW)[0] for key, metric in WORDS.metrics.items()}
    assert found == {
        "orders": 3,
        "orders_365d": 2,
        "net_revenue": 2600,
        "net_revenue_365d": 1600,
        "average_order_value": 1000,
        "first_order_at": NOW - 400 * DAY,
        "last_order_at": NOW - 2 * DAY,
        "days_since_first_order": 400,
        "days_since_last_order": 2,
        "days_since_last_visit": 3,
        "products_viewed_30d": 1,
        "emails_clicked_90d": 0,
        "messages_30d": 1,
    }
    assert all(set(metric.name) == {"de", "en"} for metric in WORDS.metrics.values())


@pytest.mark.parametrize("key", sorted(segment_presets()))
def test_segments_that_come_with_it_are_rules_with_names(key: str) -> None:
    segment = parse_segment(segment_presets()[key], WORDS)
    assert (segment.key, set(segment.name)) == (key, {"de", "en"})
    assert not segment.rule.test(History(), NOW)[0], "nobody is in it by doing nothing"
    assert segment.rule.depends


@pytest.mark.parametrize(
    ("key", "facts"),
    [
        ("basket-left", [fact("Checkout Started", 1)]),
        ("big-baskets", [fact("Order Completed", day, day, order_id=str(day), revenue=20_000) for day in (1, 2)]),
        ("occasional-buyers", orders(181)),
        ("second-order-soon", orders(30)),
        ("formerly-engaged", [fact("Product Viewed", 121 + n, n) for n in range(10)]),
        ("openers-who-do-not-buy", [fact("Email Opened", n, n) for n in range(3)]),
        (
            "newsletter-readers",
            [fact("Consent Granted", 9, channel="email", brand="shop"), fact("Email Link Clicked", 1, channel="email")],
        ),
        (
            "drifting-regulars",
            [*orders(95, 200, 300), fact("Stage Entered", 5, 50, lifecycle="shop", stage="churn_risk", **{"from": ""})],
        ),
    ],
)
def test_who_is_meant_is_in_it(key: str, facts: list[Fact]) -> None:
    rule = parse_segment(segment_presets()[key], WORDS).rule
    assert rule.test(History(facts), NOW)[0]
    assert not rule.test(History(facts[1:]), NOW)[0], "each part counts"


# -- what is wrong ----------------------------------------------------------------------------------------------------

RIGHT: dict[str, Any] = {
    "lifecycle": "x",
    "name": {"de": "X", "en": "X"},
    "stages": [
        {"stage": "a", "name": {"de": "A"}, "slot": 2, "when": {"did": {"event": "X"}}},
        {"stage": "b", "otherwise": True},
    ],
}


def lifecycle(**parts: Any) -> Lifecycle:
    return parse_lifecycle({**RIGHT, **parts}, Vocabulary())


def stages(first: dict[str, Any] | None = None, last: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"stages": [{**RIGHT["stages"][0], **(first or {})}, {**RIGHT["stages"][1], **(last or {})}]}


@pytest.mark.parametrize(
    ("parts", "places"),
    [
        ({"stagess": []}, ["stagess"]),
        ({"name": "X"}, ["name"]),
        ({"stages": []}, ["stages"]),
        ({"stages": {"a": 1}}, ["stages"]),
        ({"stages": ["a", {"stage": "b"}]}, ["stages[0]"]),
        ({"stages": [{"stage": 5, "when": {}}, {"stage": "b"}]}, ["stages[0]"]),
        (stages({"wehn": {}}), ["stages[0].wehn"]),
        (stages({"name": "A"}), ["stages[0].name"]),
        (stages({"slot": 7}), ["stages[0].slot"]),
        (stages({"slot": "red"}), ["stages[0].slot"]),
        (stages({"slot": [1]}), ["stages[0].slot"]),
        (stages(last={"stage": "a"}), ["stages[1].stage"]),
        (stages(last={"when": {"did": {"event": "X"}}}), ["stages[1]"]),
        (stages(last={"otherwise": False}), ["stages[1]"]),
        (stages({"otherwise": True}), ["stages[0]"]),
        ({"stages": [{"stage": "a"}, {"stage": "b"}]}, ["stages[0]"]),
        (stages({"when": {"did": {"evnt": "X"}}}), ["stages[0].when.did.evnt", "stages[0].when.did"]),
    ],
)
def test_what_is_wrong_with_a_lifecycle_is_named_with_its_place(parts: dict[str, Any], places: list[str]) -> None:
    with pytest.raises(RuleError) as error:
        lifecycle(**parts)
    assert [problem.place for problem in error.value.problems] == places


def test_a_lifecycle_is_what_it_says() -> None:
    found = lifecycle()
    assert [(each.key, each.slot, each.rule is None) for each in found.stages] == [("a", 2, False), ("b", 1, True)]
    assert found.depends == {"X"}
    assert stage_keys({"stages": [{"stage": "a"}, "x", {}]}) == ("a",)
    assert stage_keys({}) == stage_keys({"stages": "x"}) == ()


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"segment": "x"}, "rule"),
        ({"segment": "x", "rule": {"did": {"event": "X"}}, "rules": 1}, "rules"),
        ({"segment": "x", "rule": {"did": {"event": "X"}}, "name": "X"}, "name"),
        ({"segment": "x", "rule": {"did": {"event": "X", "witihn": 1}}}, "rule.did.witihn"),
    ],
)
def test_what_is_wrong_with_a_segment_is_named_with_its_place(body: dict[str, Any], place: str) -> None:
    with pytest.raises(RuleError) as error:
        parse_segment(body, Vocabulary())
    assert [problem.place for problem in error.value.problems] == [place]


def test_a_rule_may_stand_alone() -> None:
    rule = {"did": {"event": "X"}}
    assert rule_body({"segment": "x", "rule": rule}) == rule_body(rule) == rule
    assert compile_rule(rule_body(rule), Vocabulary()).depends == {"X"}
