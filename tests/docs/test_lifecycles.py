"""The reference of lifecycles names every key and tells the presets as they are."""

import re

import pytest

from anstoss.brands.public import SECOND
from anstoss.insight import lifecycle
from anstoss.insight.public import built_in_metrics, lifecycle_presets, parse_lifecycle
from anstoss.pulse.advance import SETTLE
from anstoss.rules.public import Vocabulary, parse_metric
from anstoss.store.public import read_document

from .reading import blocks, in_code, section, table, text, words_in_sets

LIFECYCLES = text("reference/lifecycles.md")
METRICS = {str(body["key"]): parse_metric(body, Vocabulary()) for body in built_in_metrics()}


def test_every_key_is_described_and_no_other() -> None:
    rows = table(section(LIFECYCLES, "## Form"))
    assert {in_code(row[0])[0] for row in rows} == {*lifecycle._KEYS} | words_in_sets(lifecycle)


@pytest.mark.parametrize("example", blocks(LIFECYCLES, "yaml"))
def test_the_examples_are_right(example: str) -> None:
    assert parse_lifecycle(read_document(example), Vocabulary()).stages


@pytest.mark.parametrize("key", sorted(lifecycle_presets()))
def test_every_preset_is_told_in_its_order_with_its_limits(key: str) -> None:
    preset = parse_lifecycle(lifecycle_presets()[key], Vocabulary(metrics=METRICS))
    told = table(section(LIFECYCLES, f"### {key}"))
    assert [(in_code(row[0])[0], row[1]) for row in told] == [(each.key, each.name["de"]) for each in preset.stages]
    for row, body in zip(told, lifecycle_presets()[key]["stages"], strict=True):  # type: ignore[call-overload]
        limits = set(re.findall(r"\d+", str(body.get("when", ""))))
        assert set(re.findall(r"\d+", row[2])) == limits, row


def test_settling_takes_as_long_as_told() -> None:
    assert SETTLE == 2 * SECOND
    assert "two seconds after" in LIFECYCLES
