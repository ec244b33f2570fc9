"""What becomes of single events: identity, time, and what is turned away without harm to the others."""

import json
from typing import Any

import pytest
from tests.collect.conftest import NOW, Intake

from anstoss.brands.public import DAY, HOUR, MINUTE, SECOND

TRACK = {"type": "track", "event": "Product Viewed", "userId": "7", "messageId": "m1"}
GOOD = TRACK | {"messageId": "good"}


def batch(intake: Intake, *calls: dict[str, Any] | bytes, **more: object) -> int:
    """Send calls as one batch; bytes are put in as they are."""
    parts = [call if isinstance(call, bytes) else json.dumps(call).encode() for call in calls]
    head = json.dumps(more)[1:-1].encode()
    return intake.post(
        "/v1/batch", b'{"batch":[' + b",".join(parts) + b"]" + (b"," + head if head else b"") + b"}"
    ).status_code


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"type": "track", "event": "E"}, "no_user_anon_id"),
        ({"type": "track", "event": "E", "userId": None, "anonymousId": ""}, "no_user_anon_id"),
        ({"type": "track", "userId": "7"}, "missing_event"),
        ({"type": "track", "event": "  ", "userId": "7"}, "missing_event"),
        ({"type": "delete", "userId": "7"}, "unknown_type"),
        ({"userId": "7"}, "unknown_type"),
        (TRACK | {"messageId": "x" * 101}, "message_id_too_long"),
        (TRACK | {"userId": "x" * 10_000}, "id_too_long"),
        (TRACK | {"anonymousId": "a\nuser:acme/1"}, "invalid_id"),
        (TRACK | {"userId": "a\u0000b"}, "invalid_id"),
        (TRACK | {"userId": True}, "invalid_type"),
        (TRACK | {"event": 5}, "invalid_type"),
        (TRACK | {"event": "x" * 600}, "name_too_long"),
        (TRACK | {"properties": "text"}, "invalid_type"),
        (TRACK | {"context": [1]}, "invalid_type"),
        (TRACK | {"timestamp": "gestern"}, "invalid_timestamp"),
        (TRACK | {"timestamp": 5}, "invalid_type"),
        (b"17", "invalid_type"),
        (b"null", "invalid_type"),
        (b'{"type":"track","event":"E","userId":"7","properties":{"price":NaN}}', "invalid_number"),
        (b'{"type":"track","event":"E","userId":"7","properties":{"price":-Infinity}}', "invalid_number"),
        (b'{"type":"track","event":"E","userId":"7","properties":{"a":"\\ud800"}}', "invalid_json"),
        (b'{"type":"track","event":"E","userId":"7","properties":{"a":"\xff"}}', "invalid_json"),
    ],
)
def test_a_bad_event_costs_only_itself(intake: Intake, bad: dict[str, Any] | bytes, reason: str) -> None:
    assert batch(intake, GOOD, bad, GOOD | {"messageId": "good too"}) == 200
    assert [event.message_id for event in intake.events()] == ["good", "good too"]
    reject = intake.log.rejects(5)[0]
    assert (reject.reason, reject.source) == (reason, "shop")
    assert reject.place.startswith("event 2: ")
    assert len(intake.log.rejects(5)) == 1


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"17", b'"x"', b"{}", b'{"batch":5}', b'{"batch":{}}', b"\xff", b"NaN", b"[" * 100_000]
)
def test_a_body_that_is_no_batch_is_refused_and_recorded(intake: Intake, body: bytes) -> None:
    answer = intake.post("/v1/batch", body)
    assert answer.status_code == 400
    assert answer.json()["code"] in ("invalid_json", "invalid_type")
    assert intake.log.rejects(1)[0].reason == answer.json()["code"]


def test_a_single_call_that_is_bad_is_refused_with_the_reason(intake: Intake) -> None:
    answer = intake.post("/v1/track", {"userId": "7"})
    assert (answer.status_code, answer.json()["code"]) == (400, "missing_event")
    assert intake.log.rejects(1)[0].reason == "missing_event"
    nan = intake.post("/v1/track", b'{"event":"E","userId":"7","properties":{"p":NaN}}')
    assert nan.json() == {"success": False, "code": "invalid_number", "message": "NaN is no JSON number"}


def test_text_of_every_kind_comes_through(intake: Intake) -> None:
    text = "Schuhe 👟 \u202eעברית\u202c e\u0301 \u0000"
    batch(intake, TRACK | {"event": "Größe 👟", "userId": "עברית-👟", "properties": {"t": text}})
    event = intake.events()[0]
    assert (event.name, event.identity) == ("Größe 👟", ("user:acme/עברית-👟",))
    assert json.loads(event.payload)["properties"]["t"] == text


def test_numbers_become_text_in_ids(intake: Intake) -> None:
    batch(intake, TRACK | {"userId": 17, "anonymousId": 4.0}, TRACK | {"userId": 2**60, "messageId": 12})
    assert [event.identity for event in intake.events()] == [("user:acme/17", "anon:4"), (f"user:acme/{2**60}",)]
    assert intake.events()[1].message_id == "12"


@pytest.mark.parametrize(
    ("call", "identity"),
    [
        ({"type": "identify", "traits": {"email": " Erika@Example.COM "}}, "email:erika@example.com"),
        ({"type": "identify", "context": {"traits": {"email": "a@b.de"}}}, "email:a@b.de"),
        (
            {"type": "track", "event": "E", "properties": {"email": "Jörg@Bücher.example"}},
            "email:jörg@xn--bcher-kva.example",
        ),
        ({"type": "identify", "traits": {"phone": "0151 23456789"}}, "phone:+4915123456789"),
        ({"type": "identify", "traits": {"phone": "+43 664 1234567"}}, "phone:+436641234567"),
    ],
)
def test_addresses_are_identities(intake: Intake, call: dict[str, Any], identity: str) -> None:
    batch(intake, call | {"anonymousId": "a"})
    assert intake.events()[0].identity == ("anon:a", identity)


@pytest.mark.parametrize(
    "email", ["", "x", "a@b", "a b@c.de", "a..b@c.de", ".a@c.de", 5, None, "@", "a@-b.de", "x" * 300 + "@b.de"]
)
def test_what_is_no_address_is_no_identity_but_kept(intake: Intake, email: object) -> None:
    batch(intake, {"type": "identify", "userId": "7", "traits": {"email": email}})
    event = intake.events()[0]
    assert event.identity == ("user:acme/7",)
    assert json.loads(event.payload)["traits"] == {"email": email}


def test_the_browsers_alias_quirk_is_taken(intake: Intake) -> None:
    batch(
        intake, {"type": "alias", "userId": "u1", "previousId": "u1"}, {"type": "group", "userId": "u1", "groupId": 5}
    )
    alias, group = (json.loads(event.payload) for event in intake.events())
    assert alias["previousId"] == "u1"
    assert group["groupId"] == "5"


def test_a_pages_category_is_kept(intake: Intake) -> None:
    batch(intake, {"type": "page", "userId": "7", "name": "Home", "category": "Shop"})
    assert json.loads(intake.events()[0].payload)["category"] == "Shop"


@pytest.mark.parametrize(
    ("timestamp", "sent_at", "occurred", "flags"),
    [
        (None, None, NOW, None),
        ("2027-01-15T08:00:00Z", None, NOW, None),
        ("2027-01-15T09:59:59.250+02:00", None, NOW - SECOND * 3 // 4, None),
        ("2027-01-15T07:59:00", "2027-01-15T08:00:00Z", NOW - MINUTE, None),
        ("2027-01-15T08:04:00.000Z", "2027-01-15T08:05:00.000Z", NOW - MINUTE, None),
        ("2027-01-20T08:00:00.123Z", "2027-01-20T08:01:00.123Z", NOW - MINUTE, ["clock_off"]),
        ("2027-01-15T08:04:00Z", None, NOW + 4 * MINUTE, None),
        ("2027-01-15T08:06:00Z", None, NOW, ["future"]),
        ("2027-01-15T08:00:00Z", "no time", NOW, None),
        ("2027-01-15T07:00:00Z", "9999-01-01T00:00:00Z", NOW - HOUR, ["impossible"]),
        ("1969-01-01T00:00:00Z", None, NOW, ["impossible"]),
    ],
)
def test_wrong_clocks(intake: Intake, timestamp: str | None, sent_at: str | None, occurred: int, flags: object) -> None:
    batch(intake, TRACK | {"timestamp": timestamp}, sentAt=sent_at)
    event = intake.events()[0]
    assert (event.occurred_at, json.loads(event.payload).get("flags")) == (occurred, flags)
    assert event.received_at == NOW


def test_all_four_times_are_kept(intake: Intake) -> None:
    batch(intake, TRACK | {"timestamp": "2027-01-15T07:58:00Z"}, sentAt="2027-01-15T07:59:00Z")
    event = intake.events()[0]
    assert (event.original_timestamp, event.sent_at) == (NOW - 2 * MINUTE, NOW - MINUTE)
    assert (event.occurred_at, event.received_at) == (NOW - MINUTE, NOW)


def test_old_events_are_history(intake: Intake) -> None:
    def live(**more: object) -> bool:
        batch(intake, TRACK | {"messageId": str(len(intake.events()))} | more)
        return intake.events()[-1].live

    assert live()
    assert live(timestamp="2027-01-13T08:00:00Z")
    assert not live(timestamp="2027-01-13T07:59:59Z")
    assert not live(context={"anstoss": {"historical": True}})
    assert live(context={"anstoss": {"historical": False}})
    assert live(context={"anstoss": "historical", "x": {"historical": True}})
    assert DAY == 24 * HOUR


def test_numbers_beyond_all_ranges_can_be_read_back(intake: Intake) -> None:
    from anstoss.log.public import contents

    batch(
        intake,
        TRACK | {"messageId": "a"},
        b'{"type":"track","event":"E","userId":"7","properties":{"a":1e999,"b":1' + b"0" * 400 + b"}}",
    )
    assert contents(intake.events()[1].payload)["properties"] == {"a": float("inf"), "b": float("inf")}


def test_what_is_nested_too_deep_to_be_read_is_refused_whole(intake: Intake) -> None:
    deep = b'{"type":"track","event":"E","userId":"7","properties":{"a":' + b"[" * 5000 + b"]" * 5000 + b"}}"
    assert batch(intake, GOOD, deep) == 400
    assert intake.events() == []


def test_an_identify_call_in_rudderstacks_form(intake: Intake) -> None:
    batch(intake, {"type": "identify", "userId": "7", "context": {"traits": {"email": "a@b.de", "plan": "pro"}}})
    event = intake.events()[0]
    assert event.identity == ("user:acme/7", "email:a@b.de")
    assert json.loads(event.payload)["traits"] == {"email": "a@b.de", "plan": "pro"}
