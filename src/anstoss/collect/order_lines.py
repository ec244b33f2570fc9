"""One line of an order as files write it: numbers and times in German and English forms."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from anstoss.brands.public import DAY, SECOND
from anstoss.collect.order_file import ImportRefused, OrderFile

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_FORMS = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d.%m.%y %H:%M", "%d.%m.%y")
_TAILS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_CURRENCY = re.compile(r"[\s€$£]|EUR|USD|GBP|CHF")
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
# Groups of three, then a fraction after the other mark; one group without a fraction is no case for this.
_GROUPED = re.compile(
    r"(?P<whole>[+-]?\d{1,3}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})*)(?P<fraction>(?!(?P=mark))[.,]\d+)?"
)
_MOST = Decimal(10) ** 12


@dataclass(frozen=True)
class Line:
    """A line of an order that makes sense. ``at`` is in UTC microseconds; price and quantity are positive."""

    order: str
    refund: bool
    at: int
    customer: str
    sku: str
    name: str
    quantity: Decimal
    price: Decimal
    country: str


class BadLine(ValueError):
    """A line that makes no sense: in which field, and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def read_line(fields: dict[str, str], times: "Times") -> Line:
    """The line in a record, or ``BadLine``. A number beginning with "C" or a negative quantity is a refund."""
    order = fields["order"]
    if not order:
        raise BadLine("order", "missing_order")
    for field in ("order", "customer"):
        if _CONTROL.search(fields.get(field, "")) or len(fields.get(field, "")) > 256:
            raise BadLine(field, "invalid_id")
    quantity = _number(fields["quantity"], "quantity")
    if not quantity:
        raise BadLine("quantity", "invalid_quantity")
    price = _number(fields["price"], "price")
    if price <= 0:
        raise BadLine("price", "invalid_price")
    return Line(
        order=order,
        refund=order[0] in "Cc" or quantity < 0,
        at=times.instant(fields["time"]),
        customer=fields.get("customer", ""),
        sku=fields.get("sku", ""),
        name=fields.get("name", ""),
        quantity=abs(quantity),
        price=price,
        country=fields.get("country", ""),
    )


class Times:
    """Reads the times of one file. Those without an offset are in the brand's zone."""

    def __init__(self, zone: str, forms: tuple[str, ...]) -> None:
        self._zone = ZoneInfo(zone)
        self._forms = forms

    def instant(self, text: str) -> int:
        """UTC microseconds, or ``BadLine``."""
        try:
            moment = self._parsed(text)
            passed = (moment if moment.tzinfo else moment.replace(tzinfo=self._zone)) - _EPOCH
        except (ValueError, OverflowError):
            raise BadLine("time", "invalid_time") from None
        if passed.days < 0:
            raise BadLine("time", "invalid_time")
        return passed.days * DAY + passed.seconds * SECOND + passed.microseconds

    def _parsed(self, text: str) -> datetime:
        for form in self._forms:
            try:
                return datetime.strptime(text, form)  # noqa: DTZ007  # the caller adds the zone
            except ValueError:
                continue
        return datetime.fromisoformat(text)


def times_of(file: OrderFile, zone: str, form: str | None) -> Times:
    """How times are written in ``file``. 3/4/2026 is decided by the other lines of the file; if none can,
    ``ImportRefused`` asks for a format (as of ``strptime``)."""
    if form is not None:
        return Times(zone, (form,))
    first = next((fields["time"] for _, fields in file.records()), "")
    if not _SLASHES.match(first):
        return Times(zone, () if re.match(r"\d{4}", first) else _FORMS)
    day_first = month_first = False
    for _, fields in file.records():
        if found := _SLASHES.match(fields["time"]):
            day_first |= int(found[1]) > 12
            month_first |= int(found[2]) > 12
    if day_first == month_first:
        raise ImportRefused(f"times like {first!r}: day or month first cannot be told; give a time format")
    date = "%d/%m/%Y" if day_first else "%m/%d/%Y"
    return Times(zone, tuple(date + tail for tail in _TAILS))


def _number(text: str, field: str) -> Decimal:
    """1234.5, 1,234.50, 1.234,50 and 12,50 are numbers; 1,234 could be two and is none."""
    plain = _CURRENCY.sub("", text)
    if _AMBIGUOUS.fullmatch(plain):
        raise BadLine(field, "ambiguous_number")
    grouped = _GROUPED.fullmatch(plain)
    if grouped and (grouped["fraction"] or plain.count(grouped["mark"]) > 1):
        whole, fraction = grouped["whole"], grouped["fraction"] or ""
        plain = whole.replace(grouped["mark"], "") + "." + fraction[1:]
    try:
        number = Decimal(plain.replace(",", ".", 1))
    except InvalidOperation:
        raise BadLine(field, "invalid_number") from None
    if not number.is_finite() or abs(number) > _MOST:
        raise BadLine(field, "invalid_number")
    return number
