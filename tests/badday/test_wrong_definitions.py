"""A definition that is wrong cannot be published; one that goes wrong later stops itself, not the pulse."""

from pathlib import Path

import pytest
from tests.pulse.homes import TEMPLATE, Shop

from anstoss.brands.public import SECOND
from anstoss.pulse.public import DefinitionError
from anstoss.store.public import DocumentError

NOT_NESTED = "{not: " * 400 + "{did: {event: E}}" + "}" * 400
WRONG = {
    "segment: s\nrule: {not: {segment: s}}": "rule.not.segment",
    "segment: s\nrule: {not: {segment: t}}\n---\nsegment: t\nrule: {segment: s}": "rule.",
    "segment: s\nrule: {segment: nosuch}": "rule.segment",
    "segment: s\nrule: 7": "rule",
    "segment: s": "rule",
    f"segment: s\nrule: {NOT_NESTED}": "rule.not.not",
    "segment: s\nrule: {did: {event: E, within: 99999999999999d}}": "rule.did.within",
    "journey: k": "start",
    "journey: k\nstart: {on: E, if: {segment: nosuch}}\nsteps: [{send: nosuch}]": "start.if.segment",
    "journey: k\nstart: {on: E}\nsteps: [{wait: 1h}, {send: nosuch}]": "steps[1].send",
    "journey: k\nstart: {on: E}\nsteps: [{wait: 99999999999d}]": "steps[0].wait",
    "lifecycle: l\nstages: [1]": "stages[0]",
    "key: t\nvariants: 7\npurpose: x": "purpose",
    "key: m\ncompute: 7": "metric.compute",
    "- 1\n- 2": "",
}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path / "home")
    made.publish(TEMPLATE)
    return made


@pytest.mark.parametrize(("text", "place"), WRONG.items(), ids=range(len(WRONG)))
def test_what_is_wrong_is_refused_with_its_place_and_nothing_is_published(shop: Shop, text: str, place: str) -> None:
    before = shop.log.head(), shop.rows("SELECT * FROM definition")
    good = "segment: good\nrule: {did: {event: E}}\n---\n"
    with pytest.raises(DefinitionError) as caught:
        shop.publish(good + text, start=False)
    assert any(problem.place.startswith(place) for problem in caught.value.problems)
    assert all(problem.message_de and problem.message_en for problem in caught.value.problems)
    assert (shop.log.head(), shop.rows("SELECT * FROM definition")) == before


def test_a_document_that_holds_itself_is_no_document(shop: Shop) -> None:
    with pytest.raises(DocumentError, match="line 2"):
        shop.publish("segment: s\nrule: &a {not: *a}", start=False)


def test_journeys_that_start_each_other_without_end_stop_one_of_themselves(shop: Shop) -> None:
    shop.publish(
        "journey: asks\nstart: {on: E}\nsteps: [{wait: 1s}]\n---\n"
        "journey: echoes\nstart: {on: Journey Not Started}\nagain: {at_most: 1}\nsteps: [{wait: 1s}]",
        start=False,
    )
    for _ in range(3):
        shop.happens("E")
        shop.happens("E", who=("user:shop/2",))
        shop.passes(2 * SECOND)
    assert shop.rows("SELECT kind, key FROM definition WHERE failure <> ''") == [("journey", "echoes")]
    shop.happens("Afterwards")
    shop.passes(2 * SECOND)
    assert shop.names()[-1] == "Afterwards", "the pulse goes on"
    assert shop.names("user:shop/2").count("Journey Started") >= 1
