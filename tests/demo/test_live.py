"""What the live part sends over HTTP becomes the row that the fill would have written."""

from pathlib import Path

import orjson

from anstoss.brands.public import DAY
from anstoss.collect.calls import read_call
from anstoss.collect.rows import Envelope, Sender, row_of_call
from anstoss.demo.live import call_of
from anstoss.demo.public import keep_shop, kept_shop
from anstoss.log.public import row_of
from anstoss.store.public import Home

SENDER = Sender("fernwald-shop", "fernwald", "fernwald")


def test_a_call_makes_the_row_it_stands_for(played) -> None:
    for event in played.events[:3_000]:
        call = read_call(orjson.dumps(call_of(event)))
        made = row_of_call(call, SENDER, Envelope(received_at=event.occurred_at))
        meant = row_of(event)
        source, message_id, identity, kind, name, brand, occurred_at, payload = made[:8]
        assert (source, message_id, kind, name, brand) == (*meant[:2], *meant[3:6])
        assert identity.startswith(meant[2])  # the collector adds an address that it finds among the properties
        assert 0 <= event.occurred_at - occurred_at < 1_000  # calls tell milliseconds
        assert orjson.loads(payload) == orjson.loads(event.payload)


def test_a_shop_that_was_kept_goes_on_and_can_be_hurried(played, tmp_path: Path) -> None:
    home = Home(tmp_path)
    keep_shop(home, played.shop)
    shop = kept_shop(home)
    before = len(shop.people)
    shop.hurry(240)
    shop.events(shop.played, shop.played + 7 * DAY)
    assert 1_000 < len(shop.people) - before < 2_600
    hurried = len(shop.people)
    shop.hurry(shop.newcomers_a_day)
    shop.events(shop.played, shop.played + 7 * DAY)
    assert len(shop.people) - hurried < 30
