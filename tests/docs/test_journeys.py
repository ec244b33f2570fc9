"""The reference of journeys names every key, and its examples can be published."""

from importlib.resources import files
from typing import Any

import pytest

from anstoss.content.public import playbook as templates
from anstoss.delivery.gate import Policy
from anstoss.insight.public import built_in_metrics, lifecycle_presets, stage_keys
from anstoss.journeys import parse
from anstoss.journeys.public import parse_journey, playbook, reason_words
from anstoss.rules.public import Vocabulary, parse_metric
from anstoss.store.public import read_document

from .reading import blocks, in_code, section, table, text, words_in_sets

JOURNEYS = text("reference/journeys.md")
METRICS = {str(body["key"]): parse_metric(body, Vocabulary()) for body in built_in_metrics()}
STAGES = {key: stage_keys(body) for key, body in lifecycle_presets().items()}

PURPOSES = {key: template.purpose for key, template in templates().items()}


def keys_read() -> set[str]:
    """Every word that the reader of journeys accepts as a key."""
    return words_in_sets(parse) | parse._KEYS | set(parse._STEP_KINDS)


def keys_described() -> set[str]:
    first = [row[0] for heading in ("## Keys of a journey", "## Steps") for row in table(section(JOURNEYS, heading))]
    return {word.partition(":")[0] for cell in first for word in in_code(cell)}


def test_every_key_is_described_and_no_other() -> None:
    assert keys_described() == keys_read()


@pytest.mark.parametrize("word", [*parse.PHASES, *parse.CHANNELS, "marketing", "transactional", str(parse.MAX_STEPS)])
def test_every_choice_is_named(word: str) -> None:
    assert word in JOURNEYS


def complete(body: dict[str, Any]) -> dict[str, Any]:
    """An example as a whole journey: parts are completed."""
    return {"journey": "example", "start": {"on": "Order Completed"}, "steps": [{"wait": "1d"}], **body}


@pytest.mark.parametrize("example", blocks(JOURNEYS, "yaml"))
def test_the_examples_are_right(example: str) -> None:
    body = complete(read_document(example))
    assert parse_journey(body, 1, Vocabulary(metrics=METRICS, lifecycles=STAGES), PURPOSES)


def test_the_first_example_is_the_one_of_the_playbook() -> None:
    assert read_document(blocks(JOURNEYS, "yaml")[0]) == playbook()["basket-abandoned"]


def test_every_reason_is_listed_and_no_other() -> None:
    listed = {code for row in table(section(JOURNEYS, "## Reasons")) for code in in_code(row[0])}
    delivery = read_document(files("anstoss.delivery").joinpath("reasons.yaml").read_text(encoding="utf-8"))
    assert listed == {*reason_words(), *(code for code in delivery if not code.startswith("cause_"))}


def test_the_caps_are_right() -> None:
    day, week = Policy().caps
    hours = 3_600_000_000
    told = f"{day.at_most} in {day.within // hours} hours, {week.at_most} in {week.within // hours // 24} days"
    assert told in JOURNEYS
