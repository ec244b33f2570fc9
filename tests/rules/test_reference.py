"""The reference names every word of the language, and its examples are right."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from anstoss.customers.public import ITEM_KEYS, MONEY_KEYS, SPEC_EVENTS
from anstoss.rules.literals import duration
from anstoss.rules.metrics import COMPUTES, UNITS
from anstoss.rules.parse import ASKS, CONDITIONS, GROUPS, MESSAGE_FILTERS, REACTIONS, STATUSES
from anstoss.rules.parse_selections import SELECTION_KEYS
from anstoss.rules.parse_tests import OPERATORS
from anstoss.rules.phrases import Voice
from anstoss.rules.public import Vocabulary, compile_rule, parse_metric

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference" / "rules.md").read_text("utf-8")
WORDS = {
    *GROUPS, *CONDITIONS, *SELECTION_KEYS, *ASKS, *OPERATORS, *REACTIONS, *MESSAGE_FILTERS, *STATUSES, *COMPUTES,
    *UNITS,
    *ITEM_KEYS, *MONEY_KEYS, "steps", "in_last", "lifecycle", "for_at_least", "channel", "brand", "status", "reaction",
    "key", "name", "unit", "compute", "of",
}  # fmt: skip


@pytest.mark.parametrize("word", sorted(WORDS))
def test_the_reference_names_every_word(word: str) -> None:
    assert re.search(rf"`[^`\n]*\b{word}\b[^`\n]*`", REFERENCE), word


def examples() -> list[Any]:
    blocks = [block for block in re.findall(r"```yaml\n(.*?)```", REFERENCE, re.S) if "compute:" not in block]
    return [body for block in blocks for body in bodies(block)]


def bodies(block: str) -> list[Any]:
    if block.startswith(("did", "did_not")):
        return [yaml.safe_load(line) for line in block.splitlines()]
    return [yaml.safe_load(block)]


@pytest.mark.parametrize("body", examples(), ids=str)
def test_the_examples_are_right(body: Any) -> None:
    alive = parse_metric(
        {"key": "p_alive", "unit": "share", "compute": {"last_value": {"event": "Scores Set", "of": "p"}}}
    )
    compile_rule(body, Vocabulary({"p_alive": alive}, {"shop": ("growth", "retention")}))


def test_the_example_of_a_metric_is_right() -> None:
    (block,) = re.findall(r"```yaml\n(key:.*?)```", REFERENCE, re.S)
    assert parse_metric(yaml.safe_load(block)).unit == "money"


def test_the_durations_of_the_reference_are_right() -> None:
    assert [duration(text) for text in ("30s", "15m", "12h", "7d", "2w")] == [
        seconds * 1_000_000 for seconds in (30, 900, 43_200, 604_800, 1_209_600)
    ]


@pytest.mark.parametrize("name", SPEC_EVENTS)
def test_every_event_of_the_spec_has_a_name_for_people(name: str) -> None:
    for lang in ("de", "en"):
        voice = Voice(lang, "UTC", "EUR")
        assert name not in voice.event(name, "one")
        assert voice.event(name, "many")
        assert voice.event(name, "one").split()[0] in ("ein", "eine", "a", "an")
