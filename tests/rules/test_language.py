"""What is wrong is refused with its place, everything at once, in German and English."""

import datetime
from typing import Any

import pytest

from anstoss.customers.public import Fact, History
from anstoss.rules.language import Between, Check, Instant
from anstoss.rules.public import RuleError, Vocabulary, compile_rule, holds, parse_metric, words

from . import strategies as worlds

WHERE = "rule.did.where"


def did(**more: Any) -> dict[str, Any]:
    return {"did": {"event": "Order Completed", **more}}


def problems(body: Any, vocabulary: Vocabulary = worlds.VOCABULARY) -> list[tuple[str, str]]:
    with pytest.raises(RuleError) as refused:
        compile_rule(body, vocabulary)
    assert all(problem.message("de") and problem.message("en") for problem in refused.value.problems)
    assert str(refused.value)
    return [(problem.place, problem.message("en")) for problem in refused.value.problems]


REFUSED = [
    ("text", "rule", "exactly one key"),
    ({}, "rule", "exactly one key"),
    ({"did": {}, "not": {}}, "rule", "exactly one key"),
    ({"all": []}, "rule.all", "list of conditions"),
    ({"any": {"did": {}}}, "rule.any", "list of conditions"),
    ({"al": []}, "rule.al", "Did you mean all?"),
    ({"zzzzz": []}, "rule.zzzzz", "Possible: all, any,"),
    ({"did": "Order Completed"}, "rule.did", "mapping"),
    ({"did": {}}, "rule.did", "event is missing"),
    (did(evnt=1), "rule.did.evnt", "Did you mean event?"),
    ({"did": {"event": 5}}, "rule.did.event", "name of an event"),
    ({"did": {"event": []}}, "rule.did.event", "name of an event"),
    (did(at_least=0), "rule.did.at_least", "whole number"),
    (did(at_most=True), "rule.did.at_most", "whole number"),
    (did(exactly=1.5), "rule.did.exactly", "whole number"),
    (did(within="7 days"), "rule.did.within", "15m, 12h"),
    (did(within=7), "rule.did.within", "15m, 12h"),
    (did(within="0d"), "rule.did.within", "15m, 12h"),
    (did(within="1d", between=["2026-01-01", "2026-01-02"]), "rule.did", "not both"),
    (did(between=["2026-01-02", "2026-01-01"]), "rule.did.between", "two dates"),
    (did(between="2026-01-02"), "rule.did.between", "two dates"),
    (did(between=["2026-01-32", "2026-01-01"]), "rule.did.between", "two dates"),
    (did(where={}), WHERE, "property: test"),
    (did(where={"price": {}}), f"{WHERE}.price", "test is missing"),
    (did(where={"price": {"abvoe": 1}}), f"{WHERE}.price.abvoe", "Did you mean above?"),
    (did(where={"price": {"above": "x"}}), f"{WHERE}.price.above", "amount of money"),
    (did(where={"price": {"above": True}}), f"{WHERE}.price.above", "amount of money"),
    (did(where={"price": {"contains": "x"}}), f"{WHERE}.price.contains", "does not fit"),
    (did(where={"price": 1e300}), f"{WHERE}.price.is", "too large"),
    (did(where={"price": float("nan")}), f"{WHERE}.price.is", "amount of money"),
    (did(where={"product_id": 123}), f"{WHERE}.product_id.is", "Put text in quotes: '123'"),
    (did(where={"product_id": {"above": 1}}), f"{WHERE}.product_id.above", "does not fit"),
    (did(where={"category": ""}), f"{WHERE}.category.is", "known: false"),
    (did(where={"colour": None}), f"{WHERE}.colour.is", "This is a value"),
    (did(where={"colour": {"in": []}}), f"{WHERE}.colour.in", "list of values"),
    (did(where={"colour": {"in": ["x", None]}}), f"{WHERE}.colour.in[1]", "a value"),
    (did(where={"colour": {"known": 1}}), f"{WHERE}.colour.known", "true or false"),
    (did(where={"colour": {"between": [1]}}), f"{WHERE}.colour.between", "two values"),
    (did(where={"colour": {"between": [2, 1]}}), f"{WHERE}.colour.between", "first is above"),
    (did(where={"colour": {"between": ["x", 1]}}), f"{WHERE}.colour.between[0]", "Not a date"),
    (did(where={"colour": {"before": "soon"}}), f"{WHERE}.colour.before", "Not a date"),
    (did(where={"colour": {"before": {"ago": "x"}}}), f"{WHERE}.colour.before.ago", "Not a duration"),
    (did(where={"colour": {"above": 1, "contains": "x"}}), f"{WHERE}.colour", "No value fits"),
    (did(where={"colour": {"after": "2026-01-01", "in": ["x"]}}), f"{WHERE}.colour", "No value fits"),
    (did(where={"colour": {"is": True, "under": "x"}}), f"{WHERE}.colour", "No value fits"),
    (did(where={"email": "a@b.example"}), f"{WHERE}.email.is", "only be tested with known"),
    (did(where={5: "x"}), f"{WHERE}.5", "name of a property"),
    (did(sum={"above": 1}), "rule.did.sum", "of is missing"),
    (did(sum={"of": "category", "above": 1}), "rule.did.sum.of", "text, not a number"),
    (did(sum=5), "rule.did.sum", "mapping"),
    (did(first={"above": 5}), "rule.did.first.above", "does not fit"),
    ({"did_not": {"event": "X", "at_least": 1}}, "rule.did_not.at_least", "unknown"),
    ({"trait": {}}, "rule.trait", "key: test"),
    ({"trait": {"firstName": {"starts_with": "A"}}}, "rule.trait.firstName.starts_with", "only be tested with known"),
    ({"metric": {"ordres": 1}}, "rule.metric.ordres", "Did you mean orders?"),
    ({"metric": {"orders": {"before": "2026-01-01"}}}, "rule.metric.orders.before", "this is a number"),
    ({"metric": {"last": {"is": "2026-01-01"}}}, "rule.metric.last.is", "this is a time"),
    ({"metric": {"age": {"above": "x"}}}, "rule.metric.age.above", "a number of days"),
    ({"metric": 5}, "rule.metric", "key: test"),
    ({"stage": {"lifecycle": "shp", "in": "lead"}}, "rule.stage.lifecycle", "Did you mean shop?"),
    ({"stage": {"lifecycle": "shop", "in": ["leed"]}}, "rule.stage.in[0]", "Did you mean lead?"),
    ({"stage": {"lifecycle": "shop", "in": []}}, "rule.stage.in", "list of stages"),
    ({"stage": {"lifecycle": "shop"}}, "rule.stage", "in is missing"),
    ({"stage": {"lifecycle": "shop", "in": "lead", "for_at_least": 3}}, "rule.stage.for_at_least", "Not a duration"),
    ({"consent": {}}, "rule.consent", "channel is missing"),
    ({"consent": {"channel": 5}}, "rule.consent.channel.is", "This is text"),
    ({"consent": {"channel": "email", "status": "yes"}}, "rule.consent.status", "Possible: granted"),
    ({"message": {"reaction": "opend"}}, "rule.message.reaction", "Did you mean opened?"),
    ({"message": {"reaction": "sent", "journey": 5}}, "rule.message.journey.is", "This is text"),
    ({"sequence": {"steps": [{"event": "A"}], "within": "1d"}}, "rule.sequence.steps", "2 to 5 steps"),
    ({"sequence": {"steps": [{"event": "A"}, {"where": {"x": 1}}], "within": "1d"}}, "rule.sequence.steps[1]", "event"),
    ({"sequence": {"steps": [{"event": "A"}, {"event": "B"}]}}, "rule.sequence", "within is missing"),
    ({"segment": "viewrs"}, "rule.segment", "Did you mean viewers?"),
    ({"segment": ["x"]}, "rule.segment", "unknown"),
]


@pytest.mark.parametrize(("body", "place", "message"), REFUSED)
def test_what_is_wrong_is_refused_with_its_place(body: Any, place: str, message: str) -> None:
    found = problems(body)
    assert place in [where for where, _ in found]
    assert any(where == place and message in said for where, said in found), found


def test_everything_that_is_wrong_is_told_at_once() -> None:
    body = {"all": [did(within="x"), {"not": {"trait": {"city": {"iss": 1}}}}, {"metric": {"nope": 1}}]}
    assert [place for place, _ in problems(body)] == [
        "rule.all[0].did.within",
        "rule.all[1].not.trait.city.iss",
        "rule.all[2].metric.nope",
    ]


def test_segments_in_a_circle_are_named() -> None:
    segments = {"a": {"all": [{"segment": "b"}]}, "b": {"not": {"segment": "c"}}, "c": {"segment": "b"}}
    assert problems({"segment": "a"}, Vocabulary(segments=segments)) == [
        ("rule.segment(a).all[0].segment(b).not.segment(c).segment", "Segments in a circle: b > c > b.")
    ]


def test_depth_and_size_are_bounded() -> None:
    deep: Any = did()
    for _ in range(40):
        deep = {"not": deep}
    assert len(problems(deep)) == 1
    assert len(problems({"all": [did()] * 600})) == 1
    compile_rule({"all": [did()] * 499}, worlds.VOCABULARY)


def test_dates_are_read_in_the_zone_of_the_vocabulary() -> None:
    body = did(between=[datetime.date(2026, 5, 1), datetime.datetime(2026, 5, 2, 12, 30)])  # noqa: DTZ001 - as YAML reads it
    check: Any = compile_rule(body, Vocabulary(zone="Europe/Berlin")).condition
    window = check.measure.selection.window
    assert window == Between(1_777_586_400_000_000, 1_777_717_800_000_000, window.written)
    with_zone: Any = compile_rule(did(first={"after": "2026-05-01T00:00:00Z"}), Vocabulary()).condition
    assert with_zone.tests[0].value == Instant(1_777_593_600_000_000)
    assert problems(did(between=["0001-01-01", "9999-12-31"]))


@pytest.mark.parametrize(("currency", "limit"), [("EUR", 1999), ("JPY", 20), ("KWD", 19990)])
def test_money_is_compared_in_minor_units_of_the_currency(currency: str, limit: int) -> None:
    check: Any = compile_rule(did(where={"price": {"above": 19.99}}), Vocabulary(currency=currency)).condition
    assert check.measure.selection.where[0].tests[0].value == limit


def test_several_traits_and_metrics_in_one_condition_must_all_hold() -> None:
    rule = compile_rule({"trait": {"City": "berlin", "age": {"above": 30}}}, worlds.VOCABULARY)
    facts = [
        Fact(1, 1, 0, "Traits Set", "b", 0, 0, {"city": "berlin"}),
        Fact(2, 2, 0, "Traits Set", "b", 0, 0, {"age": 31}),
    ]
    assert rule.test(History(facts), 2) == (True, None)
    assert rule.test(History(facts), 1) == (False, 2)
    assert rule.depends == {"Traits Set"}
    assert isinstance(holds(rule, History(facts), 2).evidence.parts[0].condition, Check)


METRICS_REFUSED = [
    ({}, "metric", "key is missing"),
    ({"key": "x", "unit": "euro", "compute": {"count": {"event": "A"}}}, "metric.unit", "unknown"),
    ({"key": "x", "unit": "count", "name": "x", "compute": {"count": {"event": "A"}}}, "metric.name", "{de"),
    ({"key": "x", "unit": "count", "compute": {}}, "metric.compute", "one computation"),
    ({"key": "x", "unit": "count", "compute": {"cuont": {}}}, "metric.compute.cuont", "Did you mean count?"),
    ({"key": "x", "unit": "money", "compute": {"count": {"event": "A"}}}, "metric.compute.count", "must be count"),
    (
        {"key": "x", "unit": "count", "compute": {"count": {"event": "A", "of": "b"}}},
        "metric.compute.count.of",
        "unknown",
    ),
    (
        {"key": "x", "unit": "money", "compute": {"distinct": {"event": "A", "of": "b"}}},
        "metric.compute.distinct",
        "count",
    ),
    ({"key": "x", "unit": "number", "compute": {"sum": {"event": "A", "of": "price"}}}, "metric.compute.sum", "money"),
    ({"key": "x", "unit": "number", "compute": {"sum": {"event": "A", "of": "sku"}}}, "metric.compute.sum.of", "text"),
    (
        {"key": "x", "unit": "number", "compute": {"last_value": {"event": "A", "of": "sku"}}},
        "metric.compute.last_value",
        "text",
    ),
    (
        {"key": "x", "unit": "time", "compute": {"largest": {"event": "A", "of": "b"}}},
        "metric.compute.largest",
        "number",
    ),
    (
        {"key": "x", "unit": "share", "compute": {"ratio": [{"count": {"event": "A"}}]}},
        "metric.compute.ratio",
        "two metrics",
    ),
    ({"key": "x", "unit": "share", "compute": {"ratio": ["nope", "orders"]}}, "metric.compute.ratio[0]", "unknown"),
    (
        {"key": "x", "unit": "share", "compute": {"ratio": ["age", {"sum": {"event": "A", "of": "price"}}]}},
        "metric.compute.ratio[0]",
        "divided",
    ),
    (
        {"key": "x", "unit": "share", "compute": {"ratio": [{"distinct": {"event": "A", "of": "sku"}}, 5]}},
        "metric.compute.ratio[1]",
        "one computation",
    ),
]


@pytest.mark.parametrize(("body", "place", "message"), METRICS_REFUSED)
def test_metrics_that_are_wrong_are_refused(body: Any, place: str, message: str) -> None:
    with pytest.raises(RuleError) as refused:
        parse_metric(body, worlds.VOCABULARY)
    found = [(problem.place, problem.message_en) for problem in refused.value.problems]
    assert any(where == place and message in said for where, said in found), found


def test_a_rule_can_be_said_as_soon_as_it_is_read() -> None:
    assert words(compile_rule({"segment": "not-viewers"}, worlds.VOCABULARY), "en") == (
        "in segment “not-viewers” (not (in segment “viewers” (at least one product viewed in the last 5 days)))"
    )
