"""The reference of events tells the truth: names, codes, limits, and who is meant by which identities."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from anstoss.brands.public import Settings
from anstoss.collect import app, calls, rows
from anstoss.collect.body import BODY_MOST
from anstoss.customers.public import MONEY_KEYS, SPEC_EVENTS, Resolution, resolve
from anstoss.log.public import Event
from anstoss.pulse.record import OWN_FACTS

from .reading import in_code, section, table, text

EVENTS = text("reference/events.md")
INTAKE = Path(app.__file__).parent


@dataclass
class Register:
    """Who owns which identity, in memory."""

    owners: dict[str, int] = field(default_factory=dict)
    first: dict[int, int] = field(default_factory=dict)

    def owner(self, key: str) -> int | None:
        return self.owners.get(key)

    def keys(self, person: int) -> Iterable[str]:
        return [key for key, owner in self.owners.items() if owner == person]

    def first_seq(self, person: int) -> int:
        return self.first[person]

    def taken(self, person: int) -> bool:
        return person in self.first

    def carry_out(self, resolution: Resolution, seq: int) -> None:
        for survivor, absorbed in resolution.merge:
            self.owners.update(dict.fromkeys(self.keys(absorbed), survivor))
        self.owners.update(dict.fromkeys(resolution.attach, resolution.person))
        self.first.setdefault(resolution.person, seq)


def test_the_worked_table_of_identities_is_what_happens() -> None:
    register, letters, numbers = Register(), dict[str, int](), dict[int, str]()
    lines = table(section(EVENTS, "### Worked table"))
    for seq, (identities, call, letter, what) in enumerate(lines, 1):
        resolution = resolve(in_code(identities), register, force=call == "alias")
        joined = [(numbers[survivor], numbers[absorbed]) for survivor, absorbed in resolution.merge]
        register.carry_out(resolution, seq)
        assert resolution.is_new == (letter not in letters), f"line {seq}: {what}"
        assert letters.setdefault(letter, resolution.person) == resolution.person, f"line {seq}: {what}"
        numbers[resolution.person] = letter
        assert [(left, right) for right, left in re.findall(r"(\w) is joined to (\w)", what)] == joined, f"line {seq}"
        assert re.findall(r"conflict `([^`]+)`", what) == [key for key, _ in resolution.conflicts], f"line {seq}"
    assert len(lines) > 9


def test_every_column_of_the_row_is_described() -> None:
    described = [name for row in table(section(EVENTS, "## The row")) for name in in_code(row[0])]
    assert sorted(described) == sorted(Event.__struct_fields__)


def test_every_name_that_is_recognised_is_listed() -> None:
    listed = {name for row in table(section(EVENTS, "## Names")) for name in in_code(row[1])}
    assert listed == set(SPEC_EVENTS)


@pytest.mark.parametrize("name", sorted(OWN_FACTS))
def test_every_fact_of_the_engine_is_listed(name: str) -> None:
    assert f"`{name}`" in EVENTS


@pytest.mark.parametrize("kind", rows.KINDS)
def test_every_call_has_its_address(kind: str) -> None:
    assert f"/v1/{kind}" in section(EVENTS, "## Sending events")


def test_every_code_of_a_reject_is_listed_and_no_other() -> None:
    raised = {
        code
        for file in INTAKE.glob("*.py")
        for code in re.findall(r'(?:Refused|BadCall)\(\s*"(\w+)"', file.read_text(encoding="utf-8"))
    }
    sentence = section(EVENTS, "## Sending events").split("The codes")[1].split(".\n")[0]
    assert raised == set(in_code(sentence))


def test_the_limits_are_right() -> None:
    limits = f"{BODY_MOST >> 20} MiB for a request after decompression, {rows.CONTENT_MOST >> 10} KiB for one event"
    assert limits in EVENTS
    assert app.CALL_MOST == rows.CONTENT_MOST
    most = f"{calls.EVENTS_MOST:,} events in a batch, {rows.MESSAGE_ID_MOST} characters for a message id"
    assert most in EVENTS
    assert f"{rows.ID_MOST} for other ids and names" in " ".join(EVENTS.split())
    assert "ANSTOSS_MAX_BACKLOG" in EVENTS
    assert hasattr(Settings(), "max_backlog")


@pytest.mark.parametrize("key", sorted(MONEY_KEYS))
def test_every_amount_of_money_is_named(key: str) -> None:
    assert f"`{key}`" in section(EVENTS, "## What is folded from what")
