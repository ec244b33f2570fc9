"""What an order costs, in cents, by the words of the e-commerce spec: revenue without tax and shipping."""

from collections.abc import Iterable
from dataclasses import dataclass

from anstoss.demo.goods import Line

# Tax in hundredths of a percent; shipping in cents incl. tax, free from a basket of this worth on.
_TAX = {"DE": 1900, "AT": 2000, "CH": 810}
_SHIPPING, _FREE_FROM = 495, 6900


@dataclass(frozen=True, slots=True)
class Sum:
    """``total`` = ``revenue`` + ``shipping`` + ``tax``, exactly; ``discount`` (incl. tax) is already taken off."""

    revenue: int
    shipping: int
    tax: int
    discount: int
    total: int

    def properties(self) -> dict[str, object]:
        """As a shop sends it: major units."""
        body: dict[str, object] = {
            "revenue": self.revenue / 100,
            "subtotal": self.revenue / 100,
            "shipping": self.shipping / 100,
            "tax": self.tax / 100,
            "total": self.total / 100,
            "currency": "EUR",
        }
        if self.discount:
            body["discount"] = self.discount / 100
        return body


def bill(lines: Iterable[Line], country: str, discount: float = 0.0, *, shipped: bool = True) -> Sum:
    """The sum for these lines; ``discount`` is a share of the goods' worth; shipping counts if ``shipped``."""
    worth = sum(line.product.price * line.quantity for line in lines)
    off = round(worth * discount)
    gross = worth - off
    shipping_gross = _SHIPPING if shipped and worth < _FREE_FROM else 0
    revenue, shipping = (round(amount * 10_000 / (10_000 + _TAX[country])) for amount in (gross, shipping_gross))
    total = gross + shipping_gross
    return Sum(revenue, shipping, total - revenue - shipping, off, total)
