"""When a shop is visited: by hour and weekday of its own zone, by season, Advent above all.

An inhomogeneous Poisson process by change of time (Çinlar, Introduction to Stochastic Processes, 1975, section 4.7):
whoever adds exponential gaps to a position in *busyness* and reads the instant off the table visits more often when
the shop is busy, and exactly as often over the year as the rate says.
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from anstoss.brands.public import DAY, HOUR, SECOND

# Share of visits by local hour and by weekday (Monday first), relative; the evening peak and the busy Sunday are what
# German shops report.
_HOURS = (
    *(0.35, 0.18, 0.10, 0.07, 0.07, 0.12, 0.30, 0.55, 0.80, 1.00, 1.10, 1.15),
    *(1.20, 1.10, 1.05, 1.05, 1.10, 1.25, 1.45, 1.80, 2.10, 1.95, 1.40, 0.80),
)
_WEEKDAYS = (1.05, 1.00, 0.98, 0.97, 0.90, 0.88, 1.22)
_MONTHS = (0.85, 0.80, 0.92, 1.05, 1.12, 1.02, 0.90, 0.82, 0.95, 1.02, 1.15, 1.10)
_YEAR_HOURS = 365 * 24


@lru_cache(maxsize=400)
def season(day: date) -> float:
    """How busy a day of the year is, apart from its weekday: 1 is ordinary."""
    if day.month == 12 and 24 <= day.day <= 26:
        return 0.35
    christmas = date(day.year, 12, 25)
    first_advent = christmas - timedelta(days=christmas.isoweekday() + 21)
    black_friday = first_advent - timedelta(days=2)
    if black_friday <= day <= black_friday + timedelta(days=3):
        return 2.4
    if first_advent <= day <= date(day.year, 12, 19):
        return 1.8
    return _MONTHS[day.month - 1]


class Traffic:
    """The busyness of a shop from ``start`` (UTC microseconds) on; one unit of busyness is one average day."""

    def __init__(self, start: int, zone: str) -> None:
        self._start, self._zone = start, ZoneInfo(zone)
        self._until = [0.0]
        weights = [self._weight(hour) for hour in range(_YEAR_HOURS)]
        self._scale = 365 / sum(weights)

    def position(self, at: int) -> float:
        """Busyness between the start and ``at``."""
        hour, rest = divmod(at - self._start, HOUR)
        self._reach(hour + 1)
        return self._until[hour] + (self._until[hour + 1] - self._until[hour]) * rest / HOUR

    def instant(self, position: float) -> int:
        """The instant at which so much busyness has passed: the inverse of ``position``."""
        while self._until[-1] <= position:
            self._reach(len(self._until) + 24 * 60)
        hour = bisect_right(self._until, position) - 1
        share = (position - self._until[hour]) / (self._until[hour + 1] - self._until[hour])
        return self._start + int((hour + share) * HOUR)

    def days(self, at: int, count: int) -> list[float]:
        """The busyness of each of the ``count`` days (24 hours) after ``at``."""
        marks = [self.position(at + day * DAY) for day in range(count + 1)]
        return [later - earlier for earlier, later in pairwise(marks)]

    def _reach(self, hour: int) -> None:
        for index in range(len(self._until) - 1, hour):
            self._until.append(self._until[-1] + self._weight(index) * self._scale)

    def _weight(self, hour: int) -> float:
        utc = datetime.fromtimestamp((self._start + hour * HOUR) // SECOND, UTC)
        local = utc.astimezone(self._zone)
        return season(local.date()) * _WEEKDAYS[local.weekday()] * _HOURS[local.hour]
