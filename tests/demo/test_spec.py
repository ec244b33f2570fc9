"""What the shop sends keeps to the e-commerce spec (version 2), to the types and to the cent."""

from collections.abc import Callable

import orjson
import pytest

from anstoss.log.public import NewEvent

Said = Callable[[NewEvent], dict[str, object]]
NUMBER = (int, float)
PRODUCT = {"product_id": str, "sku": str, "name": str, "category": str, "brand": str, "price": NUMBER, "url": str}
SUM = {"revenue": NUMBER, "subtotal": NUMBER, "shipping": NUMBER, "tax": NUMBER, "total": NUMBER, "currency": str}
SPEC = {
    "Products Searched": {"query": str},
    "Product Viewed": {**PRODUCT, "currency": str, "value": NUMBER},
    "Product Added": {**PRODUCT, "cart_id": str, "quantity": int},
    "Checkout Started": {"order_id": str, "affiliation": str, "value": NUMBER, **SUM, "products": list},
    "Order Completed": {"order_id": str, "affiliation": str, **SUM, "products": list},
    "Order Refunded": {"order_id": str, **SUM, "products": list},
    "Consent Granted": {"channel": str, "brand": str, "email": str, "wording": str, "ip": str, "form": str},
    "Consent Withdrawn": {"channel": str, "brand": str, "email": str, "method": str},
}


@pytest.mark.parametrize("name", sorted(SPEC))
def test_properties_are_there_and_of_their_type(played, said: Said, name: str) -> None:
    events = played.named(name)
    assert events
    for event in events:
        body = said(event)
        assert {
            key: type(body.get(key)).__name__ for key, kind in SPEC[name].items() if not isinstance(body.get(key), kind)
        } == {}
        for line in body.get("products", []):
            assert all(isinstance(line[key], kind) for key, kind in PRODUCT.items())
            assert line["quantity"] >= 1
            assert "image_url" not in line


def test_nothing_else_is_told(played) -> None:
    names = {event.name for event in played.events if event.type == "track"}
    assert names == set(SPEC)
    assert {event.type for event in played.events} == {"track", "page", "identify"}
    assert {(event.origin, event.live, event.brand) for event in played.events} == {("outside", True, "fernwald")}
    assert all(set(orjson.loads(event.payload)) <= {"properties", "traits", "context"} for event in played.events)


def test_sums_add_up_to_the_cent(played, said: Said) -> None:
    for event in (*played.named("Checkout Started"), *played.named("Order Completed")):
        body = said(event)
        cents = {key: round(body[key] * 100) for key in ("revenue", "shipping", "tax", "total")}
        goods = sum(round(line["price"] * 100) * line["quantity"] for line in body["products"])
        assert cents["total"] == cents["revenue"] + cents["shipping"] + cents["tax"]
        assert cents["total"] in (goods, goods + 495)
        assert cents["revenue"] < goods


def test_refunds_give_back_lines_of_an_order_made_before(played, said: Said) -> None:
    orders = {said(event)["order_id"]: event for event in played.named("Order Completed")}
    refunds = played.named("Order Refunded")
    assert 0.03 < len(refunds) / len(orders) < 0.2
    for event in refunds:
        order = orders[said(event)["order_id"]]
        assert order.occurred_at < event.occurred_at
        assert order.identity[0] == event.identity[0]
        bought = {line["product_id"] for line in said(order)["products"]}
        assert {line["product_id"] for line in said(event)["products"]} <= bought


def test_the_catalogue_is_one_a_shop_could_have(played) -> None:
    products = played.shop.products
    assert 280 <= len(products) <= 330
    assert len({product.id for product in products}) == len({product.sku for product in products}) == len(products)
    assert all(product.sku.isascii() and product.slug.isascii() for product in products)
    for product in products:
        assert product.cost < product.price / 1.19
        assert product.shelf.low * 80 < product.price <= product.shelf.high * 100
    assert 0 < sum(product.stock == 0 for product in products) < 30
    assert sum(product.shelf.life > 0 for product in products) > 40
    assert "Outdoor > Jacken > Regenjacken" in {product.category for product in products}
