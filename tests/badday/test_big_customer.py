"""One customer with tens of thousands of orders (a till, a test account) must not hold up everybody else."""

import time
from pathlib import Path

import orjson
import pytest
from tests.pulse.homes import Shop

from anstoss.brands.public import MINUTE, SECOND
from anstoss.log.public import NewEvent

pytestmark = pytest.mark.slow
TILL = ("user:shop/till",)


def orders(shop: Shop, numbers: range) -> None:
    """So many orders of the past, from one customer."""
    now = shop.clock.now()
    shop.log.append(
        [
            NewEvent(
                source="web",
                message_id=f"o{number}",
                identity=TILL,
                type="track",
                name="Order Completed",
                brand="shop",
                occurred_at=now - (60_000 - number) * MINUTE,
                payload=orjson.dumps({"properties": {"order_id": f"o{number}", "revenue": 10.5}}),
                live=False,
            )
            for number in numbers
        ]
    )


def test_the_fifty_thousandth_order_is_folded_as_fast_as_the_first(tmp_path: Path) -> None:
    shop, size = Shop(tmp_path / "home"), 10_000
    seconds = []
    for start in range(0, 5 * size, size):
        orders(shop, range(start, start + size))
        began = time.process_time()
        shop.pulse.catch_up()
        seconds.append(time.process_time() - began)
    assert shop.names("user:shop/till").count("Order Completed") == 5 * size
    assert seconds[-1] < 4 * seconds[0], "what one order costs must not grow with those before it"


def test_the_stages_of_ten_thousand_orders_do_not_hold_up_the_pulse(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "home")
    shop.publish()
    orders(shop, range(10_000))
    shop.pulse.catch_up()
    began = time.process_time()
    shop.passes(10 * SECOND)
    assert shop.stage("user:shop/till") is not None
    assert time.process_time() - began < 10, "what each order asks for must not read all the others"
