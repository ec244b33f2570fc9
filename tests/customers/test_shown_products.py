"""Products in messages: as the shop sent them, but for prices, which templates want in minor units."""

from zoneinfo import ZoneInfo

import pytest

from anstoss.customers.public import BrandZone, shown_products

EURO = BrandZone(ZoneInfo("Europe/Berlin"), 100)


def test_a_basket_keeps_its_words_and_gets_whole_cents() -> None:
    lines = [{"product_id": "p1", "name": "Regenjacke Tölz", "price": 17.95, "quantity": 2, "url": "https://x.example"}]
    [shown] = shown_products({"order_id": "o", "products": lines}, EURO)
    assert shown == {**lines[0], "price": 1795}


def test_an_event_about_one_product_is_its_own_product() -> None:
    assert shown_products({"product_id": "p1", "price": "9.90"}, EURO) == [{"product_id": "p1", "price": 990}]
    assert shown_products({"order_id": "o"}, EURO) == []


@pytest.mark.parametrize(("currency", "price", "minor"), [("JPY", 1200, 1200), ("KWD", 1.25, 1250), ("EUR", 8, 800)])
def test_the_currency_of_the_event_says_what_minor_units_are(currency: str, price: float, minor: int) -> None:
    [shown] = shown_products({"currency": currency, "products": [{"price": price}]}, EURO)
    assert shown["price"] == minor


@pytest.mark.parametrize("price", ["on request", None, True, float("nan"), [1]])
def test_a_price_that_is_no_number_is_left_out(price: object) -> None:
    assert "price" not in shown_products({"products": [{"name": "x", "price": price}, "no product"]}, EURO)[0]


def test_the_spec_calls_the_picture_image_url_and_templates_image() -> None:
    [shown] = shown_products({"product_id": "p", "image_url": "https://x.example/p.jpg"}, EURO)
    assert shown["image"] == "https://x.example/p.jpg"
