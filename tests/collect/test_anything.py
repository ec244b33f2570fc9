"""Whatever comes over the wire, every call becomes a row or a reject, and nothing breaks."""

import json
from contextlib import suppress
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.conftest import NOW

from anstoss.collect.app import to_rows
from anstoss.collect.calls import Refused, read_batch
from anstoss.collect.contact import email_identity
from anstoss.collect.rows import Envelope, Sender
from anstoss.log.public import contents

SENDER = Sender("shop", "acme", "acme", browser=True)
FIELDS = ["type", "messageId", "anonymousId", "userId", "event", "name", "timestamp", "properties", "traits", "context"]

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["a@b.de", "email", "7"])
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
objects = st.dictionaries(
    st.sampled_from(["email", "phone", "ip", "traits", "anstoss", "historical"]) | st.text(), values
)
kinds = st.sampled_from(["track", "identify", "page", "screen", "group", "alias"])
likely = st.fixed_dictionaries(
    {"type": kinds, "userId": st.text() | st.integers()},
    optional={
        "event": st.text(),
        "messageId": st.text(),
        "timestamp": st.datetimes().map(str) | st.text(),
        "properties": objects,
        "traits": objects,
        "context": objects,
    },
)
calls = likely | st.dictionaries(st.sampled_from(FIELDS), values) | values


@settings(max_examples=100, deadline=None)
@given(st.lists(calls, max_size=6), objects)
def test_every_call_becomes_a_row_or_a_reject(batch: list[Any], context: dict[str, Any]) -> None:
    body = json.dumps({"batch": batch, "context": context}).encode()
    try:
        read, bad = read_batch(body)
        shared = bytes(read.context)
    except Refused:
        assert b"NaN" in body or b"Infinity" in body or b"\\ud" in body
        return
    rows, rejects, _ = to_rows(read.batch, SENDER, Envelope(NOW, NOW, shared, "203.0.113.9"))
    assert len(rows) + len(rejects) + len(bad) == len(batch)
    for row in rows:
        assert isinstance(contents(row[7]), dict)
        assert all(part for part in row[2].split("\n"))
        row[2].encode()
        assert 0 <= row[6] <= NOW + 300_000_000


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_read_or_refused(body: bytes) -> None:
    for whole in (body, b'{"batch":[' + body + b"]}"):
        with suppress(Refused):  # anything else that is raised would be a request without an answer
            batch, bad = read_batch(whole)
            assert len(batch.batch) + len(bad) <= whole.count(b",") + 1


@given(st.emails() | st.text() | st.tuples(st.text(), st.text()).map("@".join))
def test_an_address_is_its_own_normal_form(text: str) -> None:
    identity = email_identity(text)
    if identity is not None:
        assert email_identity(identity.removeprefix("email:")) == identity
        assert orjson.dumps(identity)
