"""When the shop is visited."""

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from anstoss.brands.public import DAY, HOUR, SECOND
from anstoss.demo.traffic import Traffic

BERLIN = ZoneInfo("Europe/Berlin")


def instant(*parts: int, zone: ZoneInfo = BERLIN) -> int:
    return int(datetime(*parts, tzinfo=zone).timestamp()) * SECOND


@pytest.fixture(scope="module")
def traffic() -> Traffic:
    return Traffic(instant(2024, 1, 1), "Europe/Berlin")


def test_instant_is_the_inverse_of_position(traffic: Traffic) -> None:
    for at in range(instant(2024, 2, 1, 3), instant(2026, 2, 1), 37 * DAY + 1234567):
        assert abs(traffic.instant(traffic.position(at)) - at) <= 10


def test_a_year_has_as_much_busyness_as_days(traffic: Traffic) -> None:
    assert traffic.position(instant(2024, 1, 1) + 365 * DAY) == pytest.approx(365)
    assert sum(traffic.days(instant(2024, 6, 1), 365)) == pytest.approx(365, rel=0.02)


@pytest.mark.parametrize("day", [(2024, 1, 17), (2024, 7, 17), (2024, 3, 31), (2024, 10, 27)])
def test_the_evening_is_busiest_by_the_local_clock_in_summer_and_winter(traffic: Traffic, day: tuple[int, ...]) -> None:
    midnight = instant(*day)
    shares = Counter[int]()
    for hour in range(23):
        at = midnight + hour * HOUR
        local = datetime.fromtimestamp(at // SECOND, UTC).astimezone(BERLIN).hour
        shares[local] += traffic.position(at + HOUR) - traffic.position(at)
    assert max(shares, key=shares.__getitem__) == 20
    assert shares[20] > 10 * shares[4]


def test_advent_is_busier_than_august_and_christmas_eve_is_quiet(traffic: Traffic) -> None:
    def worth(month: int, day: int) -> float:
        return traffic.days(instant(2024, month, day), 7)[0]

    assert worth(12, 10) > 1.8 * worth(8, 13)  # both Tuesdays
    assert worth(12, 24) < 0.5 * worth(12, 10)
    assert worth(11, 29) > worth(12, 10)  # Black Friday 2024
