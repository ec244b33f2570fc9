"""The variables a template may use. Everything here is in docs/reference/templates.md; a test holds that."""

from collections.abc import Mapping

OPEN = "*"
"""A field name that allows any field below it: traits and event properties are the shop's own words."""

PRODUCT = {
    "product_id": "Product number",
    "name": "Product name",
    "price": "Price in minor units (cents); print with `money`",
    "currency": "ISO code of the price; the brand's currency if absent",
    "quantity": "How many",
    "url": "Product page",
    "image": "Picture; shown only from the brand's own hosts",
    "brand": "Maker",
    "category": "Category path",
    "variant": "Size, colour …",
}

VARIABLES: Mapping[str, Mapping[str, str]] = {
    "customer": {
        "first_name": "First name",
        "last_name": "Last name",
        "email": "Address this message goes to",
        "traits": "The person's traits: `customer.traits.plan`",
    },
    "event": {OPEN: "Properties of the event that started the journey, as the shop sent them: `event.order_id`"},
    "products": {},
    "coupon": {
        "code": "The code to enter",
        "percent": "Discount in percent, a number",
        "amount": "Discount in minor units; print with `money`",
        "minimum": "Least order value in minor units",
        "valid_until": "Last day or instant; print with `date`",
    },
    "brand": {"key": "Key of the brand", "name": "Name of the brand"},
    "links": {
        "shop": "The shop's home page",
        "basket": "The basket; may be absent",
        "unsubscribe": "The way out (the footer has it)",
        "preferences": "What I want to get (the footer has it)",
        "imprint": "Imprint page; may be absent",
        "privacy": "Privacy page; may be absent",
    },
    "now": {},
}

_OPEN_BELOW = {("customer", "traits"), ("event",)}


def unknown(path: list[object], aliases: Mapping[str, str]) -> bool:
    """Whether a variable path names nothing we promise. ``aliases`` maps loop variables to the list they walk."""
    root = str(path[0])
    if root in aliases:
        return aliases[root] == "products" and len(path) > 1 and path[1] not in PRODUCT
    if root not in VARIABLES:
        return True
    if any(tuple(path[: len(opened)]) == opened for opened in _OPEN_BELOW):
        return False
    if root == "products":
        return _unknown_in_list(path[1:])
    return len(path) > 1 and path[1] not in VARIABLES[root]


def _unknown_in_list(rest: list[object]) -> bool:
    if not rest:
        return False
    if isinstance(rest[0], int) or rest[0] in ("first", "last"):
        return len(rest) > 1 and rest[1] not in PRODUCT
    return rest[0] != "size"
