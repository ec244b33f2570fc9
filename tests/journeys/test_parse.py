"""Reading journeys: what is right is a program, what is wrong is named with its place."""

from copy import deepcopy
from typing import Any

import pytest

from anstoss.brands.public import DAY, HOUR, MINUTE
from anstoss.journeys.program import Again, Branch, End, Journey, Jump, Send, Wait, WaitFor, WaitUntil
from anstoss.journeys.public import parse_journey
from anstoss.rules.public import RuleError, Vocabulary

TEMPLATES = {"hello": "marketing", "again": "marketing"}
WHOLE: dict[str, Any] = {
    "journey": "basket",
    "name": {"de": "Warenkorb", "en": "Basket"},
    "phase": "conversion",
    "start": {"on": "Checkout Started", "where": {"value": {"above": 20}}, "if": {"did": {"event": "Product Viewed"}}},
    "key": "order_id",
    "again": {"after": "7d", "at_most": 3},
    "leave_on": [{"event": "Order Completed"}, "Unsubscribed"],
    "goal": {"event": "Order Completed", "where": {"revenue": {"above": 1}}, "within": "14d"},
    "holdout": "10%",
    "purpose": "marketing",
    "priority": 80,
    "steps": [
        {"wait": "1h"},
        {"send": "hello", "id": "first", "not_after": "2h"},
        {"wait": {"for": {"event": "Email Link Clicked", "where": {"journey": "basket"}}, "at_most": "2d"}},
        {
            "branch": [
                {"when": {"did": {"event": "Order Completed"}}, "steps": [{"end": "bought"}]},
                {"when": {"did_not": {"event": "Product Viewed"}}, "steps": [{"wait": {"until": "09:30"}}]},
            ],
            "id": "fork",
        },
        {"send": "again", "channel": "email"},
    ],
}


def parsed(body: dict[str, Any]) -> Journey:
    return parse_journey(body, 3, Vocabulary(), TEMPLATES)


def test_a_whole_journey_is_a_flat_program() -> None:
    journey = parsed(WHOLE)
    assert [type(operation) for operation in journey.program] == [
        *(Wait, Send, WaitFor, Branch, End, Jump, WaitUntil, Jump, Send, End)
    ]
    wait, first, click, fork, bought, jump, morning, _, again, last = journey.program
    assert wait == Wait("wait", HOUR)
    assert first == Send("first", "hello", "email", 2 * HOUR)
    assert again == Send("again", "again", "email", DAY)
    assert isinstance(click, WaitFor)
    assert (click.step, click.at_most) == ("wait-2", 2 * DAY)
    assert isinstance(fork, Branch)
    assert [(rule is None, target) for rule, target in fork.arms] == [(False, 4), (False, 6), (True, 8)]
    assert jump == Jump(8)
    assert (bought, morning, last) == (End("end", "bought"), WaitUntil("wait-3", 570), End("end", "completed"))
    assert (journey.key, journey.version, journey.priority, journey.holdout) == ("basket", 3, 80, 0.1)
    assert journey.again == Again(7 * DAY, 3)
    assert journey.goal is not None
    assert journey.goal.within == 14 * DAY
    assert journey.listens == {"Checkout Started", "Order Completed", "Unsubscribed", "Email Link Clicked"}
    assert journey.condition is not None
    assert "Product Viewed" not in journey.listens, "a condition is asked, not listened for"


def test_the_least_a_journey_needs() -> None:
    journey = parsed({"journey": "j", "start": {"on": "Product Viewed"}, "steps": [{"send": "hello"}]})
    assert (journey.phase, journey.purpose, journey.priority, journey.holdout) == ("conversion", "marketing", 50, 0.0)
    assert (journey.condition, journey.again, journey.leave_on, journey.goal) == (None, None, None, None)
    assert journey.key_property == ""


@pytest.mark.parametrize(("written", "share"), [(0, 0.0), ("12.5%", 0.125), ("10 %", 0.1), (0.2, 0.2), ("0.9", 0.9)])
def test_a_share_is_written_as_people_write_it(written: object, share: float) -> None:
    assert parsed({**WHOLE, "holdout": written}).holdout == pytest.approx(share)


def test_a_trigger_and_a_goal_may_be_one_of_several_events() -> None:
    journey = parsed(
        {**WHOLE, "start": {"on": ["Product Viewed", "Cart Viewed"]}, "goal": {"event": ["A", "B"], "within": "1d"}}
    )
    assert {"Product Viewed", "Cart Viewed", "A", "B"} <= journey.listens


def changed(path: str, value: object) -> dict[str, Any]:
    """The whole journey with one thing different; ``path`` is like ``steps.1.send``."""
    body: Any = deepcopy(WHOLE)
    *parents, last = path.split(".")
    part = body
    for parent in parents:
        part = part[int(parent)] if isinstance(part, list) else part[parent]
    if value is ...:
        del part[int(last) if isinstance(part, list) else last]
    else:
        part[int(last) if isinstance(part, list) else last] = value
    return dict(body)


@pytest.mark.parametrize(
    ("path", "value", "places"),
    [
        ("nmae", "x", ["nmae"]),
        ("name", "Basket", ["name"]),
        ("name", {"de": 5}, ["name"]),
        ("phase", "summer", ["phase"]),
        ("start", ..., ["start"]),
        ("start", "Checkout Started", ["start"]),
        ("start.when", {}, ["start.when"]),
        ("start.on", 5, ["start.on"]),
        ("start.on", None, ["start.on"]),
        ("start.where", {"value": {"abvoe": 3}}, ["start.where.value.abvoe"]),
        ("start.if", {"did": {"event": "X", "witihn": "3d"}}, ["start.if.did.witihn"]),
        ("again", "7d", ["again"]),
        ("again.after", "1 week", ["again.after"]),
        ("again.at_most", 0, ["again.at_most"]),
        ("again.at_most", True, ["again.at_most"]),
        ("again.until", 1, ["again.until"]),
        ("leave_on", [], ["leave_on"]),
        ("leave_on", 5, ["leave_on"]),
        ("leave_on.0.event", [], ["leave_on[0].event"]),
        ("leave_on.1", {"event": "X", "where": {"price": {"abvoe": 1}}}, ["leave_on[1].where.price.abvoe"]),
        ("leave_on.1", {"event": "X", "within": "1d"}, ["leave_on[1].within"]),
        ("goal", "Order Completed", ["goal"]),
        ("goal.within", ..., ["goal.within"]),
        ("goal.within", "soon", ["goal.within"]),
        ("goal.event", 7, ["goal.event"]),
        ("goal.where", 7, ["goal.where"]),
        ("goal.by", 7, ["goal.by"]),
        ("holdout", "95%", ["holdout"]),
        ("holdout", "-1%", ["holdout"]),
        ("holdout", "some", ["holdout"]),
        ("holdout", "nan", ["holdout"]),
        ("holdout", True, ["holdout"]),
        ("purpose", "fun", ["purpose"]),
        ("priority", 101, ["priority"]),
        ("priority", 50.5, ["priority"]),
        ("steps", ..., ["steps"]),
        ("steps", [], ["steps"]),
        ("steps", {"wait": "1h"}, ["steps"]),
        ("steps.0", "wait", ["steps[0]"]),
        ("steps.0", {"wait": "1h", "send": "hello"}, ["steps[0]"]),
        ("steps.0", {"sned": "hello"}, ["steps[0]"]),
        ("steps.0.wait", "0h", ["steps[0].wait"]),
        ("steps.0.wait", None, ["steps[0].wait"]),
        ("steps.0.wait", {"until": "9"}, ["steps[0].wait.until"]),
        ("steps.0.wait", {"until": "24:00"}, ["steps[0].wait.until"]),
        ("steps.0.wait", {"until": "²:00"}, ["steps[0].wait.until"]),
        ("steps.0.wait", {"until": "09:00", "at_most": "1d"}, ["steps[0].wait.at_most"]),
        ("steps.0.fro", 1, ["steps[0].fro"]),
        ("steps.2.wait.at_most", ..., ["steps[2].wait.at_most"]),
        ("steps.2.wait.for", ..., ["steps[2].wait.for"]),
        ("steps.2.wait.for.where", {"x": {"abvoe": 1}}, ["steps[2].wait.for.where.x.abvoe"]),
        ("steps.1.send", "helo", ["steps[1].send"]),
        ("steps.1.send", ["hello"], ["steps[1].send"]),
        ("steps.1.send", None, ["steps[1].send"]),
        ("steps.1.channel", "pigeon", ["steps[1].channel"]),
        ("steps.1.not_after", "later", ["steps[1].not_after"]),
        ("steps.1.id", "again", ["steps[4].id"]),
        ("steps.1.id", "wait", ["steps[1].id"]),
        ("steps.3.branch", {}, ["steps[3].branch"]),
        ("steps.3.branch", [], ["steps[3].branch"]),
        ("steps.3.branch.0", {"steps": []}, ["steps[3].branch[0]"]),
        ("steps.3.branch.0", "when", ["steps[3].branch[0]"]),
        ("steps.3.branch.0.otherwise", True, ["steps[3].branch[0]"]),
        ("steps.3.branch.0", {"otherwise": True}, ["steps[3].branch[0].otherwise"]),
        ("steps.3.branch.1", {"otherwise": False}, ["steps[3].branch[1].otherwise"]),
        ("steps.3.branch.0.then", [], ["steps[3].branch[0].then"]),
        ("steps.3.branch.0.steps", {"send": "hello"}, ["steps[3].branch[0].steps"]),
        ("steps.3.branch.0.steps.0", {"send": "x"}, ["steps[3].branch[0].steps[0].send"]),
        ("steps.3.branch.0.when", {"did": {}}, ["steps[3].branch[0].when.did"]),
        ("steps.3.branch.0.when", {"segment": "x"}, ["steps[3].branch[0].when.segment"]),
    ],
)
def test_each_thing_that_can_be_wrong_is_named_with_its_place(path: str, value: object, places: list[str]) -> None:
    with pytest.raises(RuleError) as error:
        parsed(changed(path, value))
    assert [problem.place for problem in error.value.problems] == places
    assert all(problem.message("de") != problem.message("en") for problem in error.value.problems)


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(RuleError) as error:
        parsed({"journey": "j", "steps": [{"wait": "x"}, {"send": "y"}], "phase": "z"})
    assert sorted(problem.place for problem in error.value.problems) == [
        "phase",
        "start",
        "steps[0].wait",
        "steps[1].send",
    ]


def test_a_journey_has_an_end() -> None:
    steps = [{"wait": "1m"} for _ in range(250)]
    with pytest.raises(RuleError, match="at most 200 steps"):
        parsed({**WHOLE, "steps": steps})
    assert len(parsed({**WHOLE, "steps": steps[:199]}).program) == 200
    assert parsed({**WHOLE, "steps": steps[:1]}).program[0] == Wait("wait", MINUTE)


def test_a_template_of_another_purpose_is_refused_with_its_place() -> None:
    with pytest.raises(RuleError) as refused:
        parsed({**WHOLE, "purpose": "transactional"})
    assert {problem.place.partition("[")[0] for problem in refused.value.problems} == {"steps"}
    assert "purpose is marketing" in str(refused.value)
