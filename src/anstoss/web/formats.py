"""Numbers, money and instants as readers of a language write them (CLDR by Babel, patterns of the house's own look)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal

from anstoss.brands.public import DAY, HOUR, MINUTE
from anstoss.customers.public import minor_units

_Day = date  # Voice has a method named date
_EMPTY = "–"
_DATE = {"de": "dd.MM.y", "en": "d MMM y"}
_DAY_HEAD = {"de": ("EEEE, d. MMMM", "EEEE, d. MMMM y"), "en": ("EEEE d MMMM", "EEEE d MMMM y")}
_MOMENT = {"de": "dd.MM.y, HH:mm 'Uhr'", "en": "d MMM y, HH:mm"}
_LOCALE = {"de": "de", "en": "en"}


@dataclass(frozen=True)
class Voice:
    """How to write for one reader: language ``de`` or ``en``, zone and currency of the brand, and the present."""

    lang: str
    zone: str
    currency: str
    now: int

    def at(self, instant: int) -> datetime:
        """An instant (UTC microseconds) in the brand's zone."""
        return datetime.fromtimestamp(instant / 1_000_000, UTC).astimezone(ZoneInfo(self.zone))

    def number(self, value: float) -> str:
        """A number with at most one decimal place."""
        return format_decimal(value, "#,##0.#", locale=_LOCALE[self.lang]).replace("-", "\u2212")

    def money(self, minor: float, currency: str = "", *, whole: bool = False) -> str:
        """Minor units as money; ``whole`` leaves the cents out."""
        currency = currency or self.currency
        amount = minor / minor_units(currency)
        pattern = {"de": "#,##0\u00a0¤", "en": "¤#,##0"}[self.lang] if whole else None
        text = format_currency(amount, currency, pattern, locale=_LOCALE[self.lang], currency_digits=not whole)
        return str(text).replace("-", "\u2212")

    def short_date(self, instant: int) -> str:
        """19.11.2026, 19 Nov 2026."""
        return self._form(instant, _DATE[self.lang])

    def time(self, instant: int) -> str:
        """10:42."""
        return self._form(instant, "HH:mm")

    def second(self, instant: int) -> str:
        """10:42:07."""
        return self._form(instant, "HH:mm:ss")

    def moment(self, instant: int) -> str:
        """19.11.2026, 10:42 Uhr."""
        return self._form(instant, _MOMENT[self.lang])

    def day(self, day: _Day) -> str:
        """The head over a day: with its year unless it is this one."""
        short, long = _DAY_HEAD[self.lang]
        pattern = short if day.year == self.at(self.now).year else long
        return format_date(day, pattern, locale=_LOCALE[self.lang])

    def ago(self, instant: int) -> str:
        """How long ago, up to a day; then the date."""
        passed = self.now - instant
        if not 0 <= passed < DAY:
            return self.short_date(instant)
        seconds = -max(passed, MINUTE) // 1_000_000
        locale = _LOCALE[self.lang]
        if passed < HOUR:
            return format_timedelta(seconds, "minute", threshold=100, add_direction=True, locale=locale)
        return format_timedelta(seconds, "hour", threshold=100, add_direction=True, locale=locale)

    def measured(self, value: float | None, unit: str) -> str:
        """A metric's value in its unit; a dash without one."""
        if value is None:
            return _EMPTY
        match unit:
            case "money":
                return self.money(value)
            case "time":
                return self.short_date(int(value))
            case "days":
                return self.number(int(value))
            case _:
                return self.number(value)

    def _form(self, instant: int, pattern: str) -> str:
        return format_datetime(self.at(instant), pattern, locale=_LOCALE[self.lang])
