"""Whatever a sender writes, the pulse goes on, and every good row around it is folded."""

import gzip
import json
from itertools import count
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from anstoss.brands.public import DAY, SECOND
from anstoss.pulse.public import Reader
from anstoss.pulse.record import OWN_FACTS
from anstoss.warehouse.public import Projector

from .intake import PostedShop, track

DEEP = 600
ODD = {
    "a number beyond any range": track("E", '{"x":1e999,"price":1e999}'),
    "400 digits": track("E", '{"x":%s}' % ("9" * 400)),
    "400 digits of money": track("E", '{"price":%s}' % ("9" * 400)),
    "5000 digits beside an address": track("E", '{"x":%s,"email":"a@example.org"}' % ("9" * 5000)),
    "an amount that no decimal can hold": track("E", '{"price":"1e999999","quantity":"1e999999"}'),
    "an order worth more than infinity": track(
        "Order Completed", '{"order_id":"z","products":[{"price":90000000000,"quantity":1e308},{"price":1}]}'
    ),
    "an order of odd parts": track(
        "Order Completed",
        '{"order_id":[1],"products":[1,null,{"price":"x","quantity":1e308,"product_id":{"a":1}},{"price":1e308}],'
        '"discount":"1e20","total":"NaN"}',
    ),
    "a basket too deep for a template": track(
        "Checkout Started", '{{"order_id":"d","x":{}{},"n":{}}}'.format("[" * DEEP, "]" * DEEP, "9" * 400)
    ),
    "a basket of nested objects": track("Checkout Started", '{{"x":{}1{}}}'.format('{"a":' * DEEP, "}" * DEEP)),
    "a stage that nobody entered": track("Stage Entered"),
    "a stage of another kind": track("Stage Entered", '{"lifecycle":"shop","stage":[1]}'),
    "a consent for nothing": track("Consent Granted", '{"channel":["email"],"email":{"a":1},"brand":7}'),
    "a lone surrogate": track("E", '{"x":"\\ud800"}'),
    "NUL": track("a\\u0000", '{"a\\u0000b":"\\u0000"}'),
    "the end of the calendar": track("E", '{"d":"9999-12-31T23:59:59-23:59","e":"0001-01-01T00:00:00+23:59"}'),
    "a clock ten years ahead": track("E", more=',"timestamp":"9999-12-31T23:59:59Z"'),
    "a clock before our era": track("E", more=',"timestamp":"0001-01-01T00:00:00Z"'),
    "an id of 10 kB": track("E", user="x" * 10_000),
    "a zone outside the world": (
        b'{"type":"identify","userId":"1","traits":{"timezone":"../../etc/passwd","locale":["x"],"firstName":{"a":1}}}'
    ),
    "traits beyond 64 bits": b'{"type":"identify","userId":"1","traits":{"n":%s,"m":1e999}}' % (b"9" * 100),
    "right to left and emoji": track("E", '{"שלום":"\\u202eabc","😀":"👩‍👩‍👧"}'),
    "nulls everywhere": b'{"type":"track","userId":"1","event":"E","properties":null,"context":null,"timestamp":null}',
}


@pytest.fixture
def posted(tmp_path: Path) -> PostedShop:
    return PostedShop(tmp_path / "home")


@pytest.mark.parametrize("call", ODD.values(), ids=ODD.keys())
def test_an_odd_row_costs_only_itself(posted: PostedShop, call: bytes) -> None:
    assert posted.post_calls(track("Before"), call, track("After")).status_code == 200
    shop = posted.shop.caught_up()
    shop.identifies({"plan": "gold"})
    # History brought in gives dated stages anew, and a basket starts a journey: both read every fact there is.
    posted.post_calls(track("Order Completed", '{"order_id":"o","revenue":5}', more=',"timestamp":"2024-01-01"'))
    posted.post_calls(track("Checkout Started", '{"order_id":"o2"}'))
    shop.passes(10 * SECOND)
    shop.passes(5 * DAY)
    assert {"Before", "After", "Order Completed", "Checkout Started"} <= set(shop.names())
    assert posted.stopped() == []
    view = Reader(shop.home, shop.clock).view("user:shop/1")
    assert orjson.dumps([happening.properties for happening in view.timeline])
    assert is_projected(posted)


def is_projected(posted: PostedShop) -> bool:
    """Whether the warehouse takes all facts."""
    projector = Projector(posted.shop.home)
    try:
        projector.catch_up(posted.shop.con, posted.shop.home.gate("state"))
        there = projector.shelf.connection.execute("SELECT count(*) FROM facts").fetchall()
        return bool(there == posted.shop.rows("SELECT count(*) FROM history"))
    finally:
        projector.close()


def test_nobody_outside_can_speak_for_anstoss(posted: PostedShop) -> None:
    shop = posted.shop
    shop.identifies({"email": "a@example.org"}, who=("user:shop/1", "email:a@example.org"))
    posted.post_calls(track("Checkout Started", '{"order_id":"B1"}'))
    shop.passes(2 * 3_600 * SECOND)
    ((ledger, state),) = shop.rows("SELECT id, state FROM message")
    assert state == "planned"
    forged = json.dumps({"message": ledger, "segment": "spent", "lifecycle": "shop", "stage": "growth", "score": 1})
    posted.post_calls(*(track(name, forged) for name in sorted(OWN_FACTS)))
    before = shop.names()
    shop.caught_up()
    assert shop.names() == before, "it states nothing about anybody"
    assert shop.rows("SELECT state FROM message") == [("planned",)], "and takes no message back"


def test_a_bomb_is_refused_and_the_next_request_is_taken(posted: PostedShop) -> None:
    bomb = gzip.compress(b'{"batch":[' + b" " * (64 << 20), compresslevel=9)
    refused = posted.post(bomb, content_encoding="gzip")
    assert (refused.status_code, refused.json()["code"]) == (400, "payload_too_large")
    assert posted.post(gzip.compress(b'{"batch":[%s]}' % track("E")), content_encoding="gzip").status_code == 200
    assert "E" in posted.shop.caught_up().names()


NUMBERS = [
    "1e999",
    "-1e999",
    "1e-999",
    "9" * 400,
    "9" * 5000,
    "-0",
    "9007199254740993",
    "18446744073709551616",
    "1E400",
]
WORDS = ["1e999999", "-1e999999", "NaN", "Infinity", "0001-01-01T00:00:00+14:00", "9999-12-31", "1e400", "\x00", " "]
KEYS = ["order_id", "revenue", "total", "products", "price", "quantity", "discount", "category", "currency", "channel"]
KEYS += ["email", "phone", "brand", "journey", "message", "stage", "lifecycle", "segment", "timezone", "locale", "plan"]
KEYS += ["products.price", "__proto__", "", "a.b", "product_id", "image_url", "first_name"]
NAMES = ["Order Completed", "Order Refunded", "Order Cancelled", "Checkout Started", "Product Viewed"]
NAMES += ["Consent Granted", "Consent Withdrawn", "Unsubscribed", "Email Link Clicked", *sorted(OWN_FACTS)]

scalars = (
    st.sampled_from(NUMBERS)
    | st.integers().map(str)
    | st.floats(allow_nan=False, allow_infinity=False).map(json.dumps)
    | (st.text() | st.sampled_from([*WORDS, "b1"])).map(json.dumps)
    | st.sampled_from(["null", "true", "false", "[]", "{}"])
)


def objects(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """JSON text of objects; a key may stand in one twice."""
    keys = (st.sampled_from(KEYS) | st.text()).map(json.dumps)
    pairs = st.tuples(keys, values).map(":".join)
    return st.lists(pairs, max_size=5).map(lambda parts: "{" + ",".join(parts) + "}")


anything = st.recursive(
    scalars, lambda inner: objects(inner) | st.lists(inner, max_size=4).map(lambda p: f"[{','.join(p)}]"), max_leaves=12
)
calls = st.one_of(
    st.tuples(st.sampled_from(NAMES), objects(anything)).map(lambda of: ("track", of[0], of[1])),
    objects(anything).map(lambda traits: ("identify", "", traits)),
    st.tuples(st.sampled_from(["page", "group", "screen"]), objects(anything)).map(lambda of: (of[0], "x", of[1])),
)
users = count(1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> PostedShop:
    return PostedShop(tmp_path_factory.mktemp("odd") / "home")


def as_call(user: int, kind: str, name: str, body: str, *, old: bool) -> bytes:
    content = "traits" if kind in ("identify", "group") else "properties"
    when = ',"timestamp":"2024-05-05T05:05:05Z"' if old else ""
    event = f'"event":"{name}",' if kind == "track" else ""
    return f'{{"type":"{kind}",{event}"userId":"{user}","name":"{name}","{content}":{body}{when}}}'.encode()


@settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(calls, st.booleans()), min_size=1, max_size=6))
def test_no_content_stops_the_pulse(shared: PostedShop, odd: list[tuple[tuple[str, str, str], bool]]) -> None:
    user, shop = next(users), shared.shop
    rows = [as_call(user, *call, old=old) for call, old in odd]
    answer = shared.post_calls(track("Before", user=str(user)), *rows, track("After", user=str(user)))
    assert answer.status_code == 200
    shop.passes(10 * SECOND)
    assert {"Before", "After"} <= set(shop.names(f"user:shop/{user}"))
    assert shared.stopped() == []


def test_what_no_content_stopped_is_in_the_warehouse_and_can_be_shown(shared: PostedShop) -> None:
    shop = shared.shop
    shop.passes(10 * DAY)
    assert is_projected(shared)
    reader = Reader(shop.home, shop.clock)
    for (key,) in shop.rows("SELECT key FROM identity WHERE key LIKE 'user:%'"):
        assert orjson.dumps([happening.properties for happening in reader.view(key).timeline])
