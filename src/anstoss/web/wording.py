"""Numbers, money and instants, the way the reader's language writes them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, get_currency_precision
from django.utils.translation import get_language

_LOCALES = {"de": "de_DE", "en": "en_GB"}


def language() -> str:
    """The reader's language: ``de`` or ``en``."""
    return "de" if (get_language() or "").startswith("de") else "en"


def locale() -> str:
    """The reader's locale. English is British: the euro and the day before the month."""
    return _LOCALES[language()]


def number(value: float) -> str:
    """A number with at most two decimals."""
    return str(format_decimal(value, format="#,##0.##", locale=locale())).replace("-", "−")


def money(minor: float, currency: str) -> str:
    """Minor units of a currency as an amount."""
    amount = minor / 10 ** get_currency_precision(currency)
    return str(format_currency(amount, currency, locale=locale())).replace("-", "−")


def local(instant: int, zone: str) -> datetime:
    """An instant (UTC microseconds) in a time zone."""
    return datetime.fromtimestamp(instant / 1_000_000, UTC).astimezone(ZoneInfo(zone))


def day(instant: int, zone: str) -> str:
    """The day of an instant: 19.11.2026, 19 Nov 2026."""
    pattern = "dd.MM.y" if language() == "de" else "d MMM y"
    return str(format_date(local(instant, zone), format=pattern, locale=locale()))


def long_day(when: date) -> str:
    """A day as a heading, with its weekday."""
    return str(format_date(when, format="full", locale=locale()))


def clock_time(instant: int, zone: str) -> str:
    """The time of day of an instant."""
    return str(format_time(local(instant, zone), format="HH:mm", locale=locale()))


def moment(instant: int, zone: str) -> str:
    """Day and time of an instant, to the second."""
    pattern = "dd.MM.y, HH:mm:ss" if language() == "de" else "d MMM y, HH:mm:ss"
    return str(format_datetime(local(instant, zone), format=pattern, locale=locale()))
