"""The HTTP API as clients of Segment's and RudderStack's libraries need it."""

import base64
import gzip
import json

import httpx
import orjson
import pytest
from tests.collect.conftest import BROWSER_KEY, NOW, SERVER_KEY, Intake, request

TRACK = {"type": "track", "event": "Product Viewed", "userId": "7", "messageId": "m1", "properties": {"price": 3}}
SINGLE = ["track", "identify", "page", "screen", "group", "alias"]


@pytest.mark.parametrize("kind", SINGLE)
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("short", [False, True])
def test_every_single_call_by_long_and_short_path(intake: Intake, kind: str, slash: str, short: bool) -> None:
    answer = intake.post(f"/v1/{kind[0] if short else kind}{slash}", {"event": "E", "userId": "7", "name": "N"})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    event = intake.events()[0]
    assert (event.type, event.identity, event.brand, event.source) == (kind, ("user:acme/7",), "acme", "shop")
    assert event.name == {"track": "E"}.get(kind, "N")


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b", "/v1/batch/", "/v1/b/"])
def test_a_batch(intake: Intake, path: str) -> None:
    calls = [TRACK, {"type": "identify", "anonymousId": "a", "traits": {"plan": "pro"}}]
    assert intake.post(path, {"batch": calls}).status_code == 200
    one, two = intake.events()
    assert (one.message_id, json.loads(one.payload)) == ("m1", {"properties": {"price": 3}, "context": {}})
    assert (two.identity, json.loads(two.payload)["traits"]) == (("anon:a",), {"plan": "pro"})
    assert len(two.message_id) == 36  # one was made


def test_a_body_is_json_whatever_its_type_says(intake: Intake) -> None:
    assert intake.post("/v1/t", TRACK, content_type="text/plain").status_code == 200


def test_measurements_of_the_browser_library_are_swallowed(intake: Intake) -> None:
    assert intake.post("/v1/m", {"series": []}).status_code == 200
    assert intake.events() == []


def test_credentials(intake: Intake) -> None:
    def status(authorization: str | None, body_key: str | None = None) -> int:
        message = request("/v1/track", TRACK | ({"writeKey": body_key} if body_key else {}))
        del message.headers["authorization"]
        if authorization is not None:
            message.headers["authorization"] = authorization
        return intake.send(message)[0].status_code

    def basic(text: str) -> str:
        return "Basic " + base64.b64encode(text.encode()).decode()

    assert status(basic(f"{SERVER_KEY}:")) == 200
    assert status(basic(SERVER_KEY)) == 200
    assert status(f"Bearer {SERVER_KEY}") == 200
    assert status(None, SERVER_KEY) == 200
    assert status("Basic ###", SERVER_KEY) == 200
    assert status(basic("wrong:"), SERVER_KEY) == 401
    assert status(None, "wrong") == 401
    assert status(None) == 401


def test_an_error_is_an_object_with_code_and_message(intake: Intake) -> None:
    message = request("/v1/batch", b"{")
    unknown = httpx.Request("POST", "http://x/v1/batch", json={"batch": []})
    for answer in intake.send(message, unknown, httpx.Request("GET", "http://x/v1/track"), request("/v1/nothing", {})):
        body = answer.json()
        assert isinstance(body["code"], str)
        assert isinstance(body["message"], str)


def test_nothing_is_answered_with_a_redirect(intake: Intake) -> None:
    paths = ["/v1/track", "/v1/track/", "/v1//track", "/v1/", "/v1/TRACK", "/v1/batch//"]
    for answer in intake.send(*[request(path, TRACK) for path in paths]):
        assert not 300 <= answer.status_code < 400


def test_a_browser_may_ask_first(intake: Intake) -> None:
    answer = intake.send(httpx.Request("OPTIONS", "http://x/v1/t", headers={"origin": "https://shop.example"}))[0]
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "POST, OPTIONS"
    assert answer.headers["access-control-allow-headers"] == "authorization, content-type, x-retry-count"
    assert answer.headers["access-control-max-age"] == "86400"
    assert intake.post("/v1/t", TRACK).headers["access-control-allow-origin"] == "*"


def test_settings_for_the_browser_library(intake: Intake) -> None:
    url = f"http://collect.example:8000/v1/projects/{BROWSER_KEY}/settings"
    answer, unknown = intake.send(httpx.Request("GET", url), httpx.Request("GET", "http://x/v1/projects/no/settings"))
    segment = {"apiKey": BROWSER_KEY, "apiHost": "collect.example:8000/v1", "protocol": "http"}
    assert answer.json()["integrations"] == {"Segment.io": segment}
    assert unknown.status_code == 404


def test_settings_behind_a_tls_proxy(intake: Intake) -> None:
    url = f"http://collect.example/v1/projects/{BROWSER_KEY}/settings"
    message = httpx.Request("GET", url, headers={"x-forwarded-proto": "https"})
    assert intake.send(message, trusted_proxy=True)[0].json()["integrations"]["Segment.io"]["protocol"] == "https"
    assert intake.send(message)[0].json()["integrations"]["Segment.io"]["protocol"] == "http"


def test_a_pixel(intake: Intake) -> None:
    data = base64.b64encode(orjson.dumps(TRACK | {"writeKey": BROWSER_KEY})).decode()
    answers = intake.send(
        httpx.Request("GET", "http://x/v1/pixel/track", params={"data": data}),
        httpx.Request("GET", "http://x/v1/pixel/track", params={"data": "###"}),
    )
    assert [answer.headers["content-type"] for answer in answers] == ["image/gif", "image/gif"]
    assert [event.message_id for event in intake.events()] == ["m1"]


def test_gzip(intake: Intake) -> None:
    body = gzip.compress(orjson.dumps({"batch": [TRACK]}), mtime=0)
    assert intake.post("/v1/batch", body, content_encoding="gzip").status_code == 200
    assert len(intake.events()) == 1


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b'{"batch":[]}', mtime=0)[:-9], b"\x1f\x8b"])
def test_broken_gzip_is_refused(intake: Intake, body: bytes) -> None:
    answer = intake.post("/v1/batch", body, content_encoding="gzip")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_gzip")
    assert intake.log.rejects(1)[0].reason == "invalid_gzip"


@pytest.mark.slow
def test_a_gzip_bomb_is_refused_before_it_unfolds(intake: Intake) -> None:
    import tracemalloc

    bomb = gzip.compress(gzip.compress(bytes(200_000_000), 9, mtime=0) * 20, 9)
    inner = gzip.compress(bytes(50_000_000), 9, mtime=0)
    tracemalloc.start()
    for body in (bomb, inner, inner * 4):
        answer = intake.post("/v1/batch", body, content_encoding="gzip")
        assert answer.status_code == 400
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000_000


def test_an_unknown_encoding_is_refused(intake: Intake) -> None:
    assert intake.post("/v1/batch", b"x", content_encoding="br").json()["code"] == "unknown_encoding"


def test_limits(intake: Intake) -> None:
    large = TRACK | {"properties": {"text": "x" * 33_000}}
    assert intake.post("/v1/track", large).json()["code"] == "payload_too_large"
    assert intake.post("/v1/batch", b" " * (5 * 1024 * 1024 + 1)).json()["code"] == "payload_too_large"
    too_many = intake.post("/v1/batch", {"batch": [TRACK] * 2501})
    assert (too_many.status_code, too_many.json()["code"]) == (400, "too_many_events")
    assert intake.events() == []
    assert intake.post("/v1/batch", {"batch": [large, TRACK]}).status_code == 200
    assert [event.message_id for event in intake.events()] == ["m1"]
    assert intake.log.rejects(1)[0].reason == "payload_too_large"


def test_a_batch_context_lies_under_each_event(intake: Intake) -> None:
    batch = {"context": {"app": "till", "locale": "de"}, "batch": [TRACK | {"context": {"locale": "en"}}]}
    intake.post("/v1/batch", batch)
    assert json.loads(intake.events()[0].payload)["context"] == {"app": "till", "locale": "en"}


def test_the_visitors_address_is_noted_for_browsers_only(intake: Intake) -> None:
    forwarded = {"x_forwarded_for": "203.0.113.9, 198.51.100.7"}
    intake.post("/v1/t", TRACK)
    browser = TRACK | {"writeKey": BROWSER_KEY, "messageId": "m2"}
    messages = [request("/v1/t", browser | {"messageId": name}, **forwarded) for name in ("m2", "m3")]
    messages.append(request("/v1/t", browser | {"messageId": "m4", "context": {"ip": "192.0.2.1", "a": 1}}))
    messages.append(request("/v1/t", browser | {"messageId": "m5", "context": {"a": 1}}))
    for message in messages:
        message.headers["authorization"] = f"Bearer {BROWSER_KEY}"
    intake.send(messages[0])
    intake.send(messages[1], trusted_proxy=True)
    intake.send(*messages[2:])
    contexts = [json.loads(event.payload)["context"] for event in intake.events()]
    assert contexts == [
        {},
        {"ip": "127.0.0.1"},
        {"ip": "198.51.100.7"},
        {"ip": "192.0.2.1", "a": 1},
        {"ip": "127.0.0.1", "a": 1},
    ]


def test_too_much_waiting_for_the_pulse(intake: Intake) -> None:
    intake.waiting[0] = 11
    answer = intake.send(request("/v1/t", TRACK), max_backlog=10)[0]
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 300
    assert intake.events() == []
    intake.waiting[0] = 10
    assert intake.send(request("/v1/t", TRACK), max_backlog=10)[0].status_code == 200


def test_a_full_disk_is_answered_with_503_and_heals(intake: Intake) -> None:
    intake.post("/v1/t", TRACK)
    pages = intake.log._writer.execute("PRAGMA page_count").fetchone()[0]
    intake.log._writer.execute(f"PRAGMA max_page_count={pages}")
    batch = {"batch": [TRACK | {"messageId": f"x{n}", "properties": {"t": "x" * 900}} for n in range(50)]}
    answer = intake.post("/v1/batch", batch)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert len(intake.events()) == 1
    intake.log._writer.execute("PRAGMA max_page_count=1000000")
    assert intake.post("/v1/batch", batch).status_code == 200
    assert len(intake.events()) == 51


def test_a_retry_is_there_once(intake: Intake) -> None:
    for _ in range(3):
        assert intake.post("/v1/batch", {"batch": [TRACK, TRACK]}).status_code == 200
    assert len(intake.events()) == 1


def test_a_source_that_was_given_a_new_key(intake: Intake) -> None:
    from anstoss.brands.public import SECOND, Source

    intake.post("/v1/t", TRACK)
    intake.brands.add_source(Source("shop", "acme"), "another")
    intake.clock.set(NOW + 2 * SECOND)
    assert intake.post("/v1/t", TRACK).status_code == 401
