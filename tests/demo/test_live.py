"""What the live part sends over HTTP becomes the row that the fill would have written."""

import pickle

import orjson

from anstoss.brands.public import DAY
from anstoss.collect.calls import read_call
from anstoss.collect.rows import Envelope, Sender, row_of_call
from anstoss.demo.live import call_of
from anstoss.log.public import row_of

SENDER = Sender("fernwald-shop", "fernwald", "fernwald")


def test_a_call_makes_the_row_it_stands_for(played) -> None:
    for event in played.events[:3_000]:
        call = read_call(orjson.dumps(call_of(event)))
        made = row_of_call(call, SENDER, Envelope(received_at=event.occurred_at))
        meant = row_of(event)
        source, message_id, identity, kind, name, brand, occurred_at, payload = made[:8]
        assert (source, message_id, identity, kind, name, brand) == meant[:6]
        assert 0 <= event.occurred_at - occurred_at < 1_000  # calls tell milliseconds
        assert orjson.loads(payload) == orjson.loads(event.payload)


def test_it_can_be_hurried_and_slowed_again(played) -> None:
    shop = pickle.loads(pickle.dumps(played.shop))
    before = len(shop.people)
    shop.hurry(240)
    shop.events(shop.played, shop.played + 7 * DAY)
    assert 1_000 < len(shop.people) - before < 2_600
    hurried = len(shop.people)
    shop.hurry(shop.newcomers_a_day)
    shop.events(shop.played, shop.played + 7 * DAY)
    assert len(shop.people) - hurried < 30
