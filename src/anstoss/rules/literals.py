"""Reading the small values of the language: durations, dates, money, property names."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from anstoss.customers.public import ITEM_TEXTS, MONEY_KEYS
from anstoss.rules.language import Key, Kind

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"([1-9][0-9]{0,5})([smhdw])")
_INSTANT = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}\.[0-9]{6}Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

TEXT_KEYS = frozenset({*ITEM_TEXTS, "order_id"})
"""Properties that are text wherever they appear."""


def duration(written: object) -> int | None:
    """``"15m"`` in microseconds; none for what is not a whole number of s, m, h, d or w."""
    found = _DURATION.fullmatch(written) if isinstance(written, str) else None
    return int(found[1]) * _UNITS[found[2]] * 1_000_000 if found else None


def instant(written: object, zone: str) -> int | None:
    """A date (midnight in ``zone``) or a time (in ``zone`` unless it says otherwise) in UTC microseconds."""
    if isinstance(written, date) and not isinstance(written, datetime):
        written = written.isoformat()
    if isinstance(written, str):
        try:
            written = datetime.fromisoformat(written.strip())
        except ValueError:
            return None
    if not isinstance(written, datetime) or not 1000 < written.year < 9999:
        return None
    local = written if written.tzinfo else written.replace(tzinfo=ZoneInfo(zone))
    return micros(local)


def micros(moment: datetime) -> int:
    """An aware datetime in UTC microseconds."""
    return (moment - _EPOCH) // _MICROSECOND


def instant_of_text(value: object) -> int | None:
    """The instant that a folded property states (``2024-05-01T12:00:00.000000Z``)."""
    if value.__class__ is not str or not _INSTANT.fullmatch(value):
        return None
    try:
        return micros(datetime.fromisoformat(value))
    except ValueError:
        return None


INSTANT_PATTERN = _INSTANT.pattern
"""The pattern of properties that state an instant, for the SQL reading."""


def scaled(number: int | float, factor: int) -> int:
    """A number as written (12.34) times ``factor``, rounded half to even to a whole number."""
    return int((Decimal(str(number)) * factor).to_integral_value())


def key_of(name: str) -> Key:
    """A property and the kind it always has."""
    if name in MONEY_KEYS:
        return Key(name, Kind.MONEY)
    if name in TEXT_KEYS:
        return Key(name, Kind.TEXT)
    return Key(name, Kind.NUMBER if name == "quantity" else Kind.ANY)
