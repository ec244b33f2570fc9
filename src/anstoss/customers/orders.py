"""Orders among a person's facts: each counted once, and a refund worth what it gives back."""

import msgspec

from anstoss.customers.facts import Fact, History

_BACK = ("Order Refunded", "Order Cancelled")


def settle_order(fact: Fact, history: History) -> Fact | None:
    """An order's fact in the light of those before it; none when it states again what is known.

    The key of an order is (brand, order id): a shop that repeats ``Order Completed`` with another message id has still
    sold once. A refund or cancellation without an amount gives back all that is left of the order.
    """
    if fact.name == "Order Completed":
        return None if _of_order(fact, history, "Order Completed") else fact
    if fact.name in _BACK and "revenue" not in fact.props:
        sold = sum(_revenue(other) for other in _of_order(fact, history, "Order Completed"))
        back = sum(_revenue(other) for name in _BACK for other in _of_order(fact, history, name))
        return msgspec.structs.replace(fact, props={**fact.props, "revenue": -max(sold + back, 0)})
    return fact


def _of_order(fact: Fact, history: History, name: str) -> list[Fact]:
    known = history.of_order(fact.brand, fact.props["order_id"])
    return [other for other in known if other.name == name and (other.seq, other.n) != (fact.seq, fact.n)]


def _revenue(fact: Fact) -> int:
    value = fact.props.get("revenue", 0)
    return int(value) if isinstance(value, int | float) else 0
