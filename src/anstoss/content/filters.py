"""The filters a template may use, and the three that only the compiler adds to addresses."""

import functools
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, get_currency_precision
from liquid import Environment
from liquid.exceptions import FilterArgumentError
from liquid.filter import liquid_filter

from anstoss.brands.public import SECOND, Brand

Filter = Callable[..., object]

STANDARD = (
    "append",
    "capitalize",
    "default",
    "divided_by",
    "downcase",
    "first",
    "join",
    "last",
    "minus",
    "plus",
    "prepend",
    "round",
    "size",
    "strip",
    "times",
    "truncate",
    "upcase",
)
"""Filters of standard Liquid that are open to authors. None of them can mark text as safe HTML."""

OWN = ("amount", "date", "money", "number")
STYLES = ("short", "medium", "long", "full")
_SAFE_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s\x00-\x1f\x7f<>\"'`\\]+", re.IGNORECASE)
_LARGEST = 2**63  # no amount of money is larger, and formatting thousands of digits takes seconds


def register(env: Environment, brand: Brand, lang: str) -> None:
    """Put exactly our filters into ``env``, speaking ``lang`` in the brand's zone and currency."""
    standard = env.filters
    env.filters = {name: standard[name] for name in STANDARD}
    locale = locale_for(brand, lang)
    env.filters["money"] = _money(brand.currency, locale)
    env.filters["amount"] = _amount(brand.currency, locale)
    env.filters["number"] = liquid_filter(lambda value: _number(_decimal(value), locale))
    env.filters["date"] = _date(brand.zone, locale)
    env.filters["_link"] = liquid_filter(_link)
    env.filters["_image"] = liquid_filter(lambda value: own_image(value, own_hosts(brand)) or "")
    env.filters["_urlpart"] = liquid_filter(lambda value: quote(str(value), safe="/-._~"))


def locale_for(brand: Brand, lang: str) -> str:
    """The locale of numbers and dates: the brand's own where it speaks ``lang``, else Germany or Great Britain."""
    own = brand.locale.replace("-", "_")
    if "_" in own and own.split("_")[0] == lang:
        return own
    return {"de": "de_DE", "en": "en_GB"}[lang]


def own_hosts(brand: Brand) -> tuple[str, ...]:
    """Hosts that may serve pictures in this brand's mail: those of its addresses, and everything below them."""
    hosts = {urlsplit(url).hostname or "" for url in (brand.base_url, brand.shop_url) if url}
    return tuple(sorted(host.removeprefix("www.") for host in hosts if host))


def own_image(value: object, hosts: tuple[str, ...]) -> str | None:
    """``value`` if it is a picture on one of ``hosts``, else None: a foreign host would learn who reads the mail."""
    try:
        parts = urlsplit(str(value))
    except ValueError:
        return None
    host = parts.hostname or ""
    own = any(host == known or host.endswith("." + known) for known in hosts)
    return str(value) if own and parts.scheme in ("http", "https") and _link(value) != "#" else None


def _money(currency: str, locale: str) -> Filter:
    @liquid_filter
    def money(value: object, code: object = None) -> str:
        if isinstance(value, bool) or not isinstance(value, int):
            raise FilterArgumentError(f"money wants minor units as a whole number, not {value!r}", token=None)
        return _formatted_money(Decimal(value), str(code or currency), locale, True)

    return money


def _amount(currency: str, locale: str) -> Filter:
    @liquid_filter
    def amount(value: object, code: object = None) -> str:
        return _formatted_money(_decimal(value), str(code or currency), locale, False)

    return amount


@functools.lru_cache(maxsize=8192)
def _formatted_money(value: Decimal, currency: str, locale: str, minor: bool) -> str:
    if not (currency.isalpha() and currency.isascii() and len(currency) == 3):
        raise FilterArgumentError(f"{currency!r} is no currency", token=None)
    if abs(value) >= _LARGEST:
        raise FilterArgumentError("the amount is too large", token=None)
    code = currency.upper()
    major = value.scaleb(-get_currency_precision(code)) if minor else value
    return str(format_currency(major, code, locale=locale))


@functools.lru_cache(maxsize=8192)
def _number(value: Decimal, locale: str) -> str:
    return str(format_decimal(value, locale=locale))


def _decimal(value: object) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise FilterArgumentError(f"{str(value)[:40]!r} is no number", token=None) from None
    if isinstance(value, bool) or not math.isfinite(number) or abs(number) >= _LARGEST:
        raise FilterArgumentError(f"{str(value)[:40]!r} is no number", token=None)
    return number


def _date(zone: str, locale: str) -> Filter:
    @liquid_filter
    def date_filter(value: object, style: object = "medium") -> str:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise FilterArgumentError(f"date wants microseconds or ISO text, not {value!r}", token=None)
        return _formatted_date(value, str(style), zone, locale)

    return date_filter


@functools.lru_cache(maxsize=8192)
def _formatted_date(value: int | str, style: str, zone: str, locale: str) -> str:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
        instant = None if day else _instant(value).astimezone(ZoneInfo(zone))
    except (ValueError, OverflowError, OSError):
        raise FilterArgumentError(f"{str(value)[:40]!r} is no date", token=None) from None
    if style == "time" and instant:
        return str(format_time(instant, "short", locale=locale))
    if style not in STYLES:
        raise FilterArgumentError(f"date styles are {', '.join(STYLES)} and time, not {style!r}", token=None)
    if day:
        return str(format_date(day, style, locale=locale))
    return str(format_datetime(instant, _date_pattern(style, locale), locale=locale))


def _date_pattern(style: str, locale: str) -> str:
    return str(Locale.parse(locale).date_formats[style].pattern)


def _instant(value: int | str) -> datetime:
    if isinstance(value, int):
        return datetime.fromtimestamp(value / SECOND, UTC)
    instant = datetime.fromisoformat(value)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _link(value: object) -> str:
    """The address, or ``#`` where it could run code or break out of its line: only web, mail and phone links leave."""
    text = str(value).strip()
    return text if _SAFE_LINK.fullmatch(text) else "#"
