"""Numbers and instants as the house writes them."""

import pytest

from anstoss.brands.public import DAY, HOUR, MINUTE, SECOND
from anstoss.web.formats import Voice

NOW = 1_795_081_320 * SECOND  # Thu 19 November 2026, 10:42 in Berlin
SPACE = "\u00a0"
DE, EN = Voice("de", "Europe/Berlin", "EUR", NOW), Voice("en", "Europe/Berlin", "EUR", NOW)


def test_numbers_and_money() -> None:
    assert (DE.number(128_460), EN.number(128_460)) == ("128.460", "128,460")
    assert (DE.number(-0.44), EN.number(-0.44)) == ("\u22120,4", "\u22120.4")
    assert (DE.money(8990), EN.money(8990)) == (f"89,90{SPACE}€", "€89.90")
    assert (DE.money(3_820_000, whole=True), EN.money(3_820_000, whole=True)) == (f"38.200{SPACE}€", "€38,200")
    assert DE.money(-2395) == f"\u221223,95{SPACE}€"


def test_dates_and_times() -> None:
    assert (DE.short_date(NOW), EN.short_date(NOW)) == ("19.11.2026", "19 Nov 2026")
    assert (DE.moment(NOW), EN.moment(NOW)) == ("19.11.2026, 10:42 Uhr", "19 Nov 2026, 10:42")
    assert (DE.time(NOW), DE.second(NOW)) == ("10:42", "10:42:00")
    today, long_ago = DE.at(NOW).date(), DE.at(NOW - 400 * DAY).date()
    assert (DE.day(today), EN.day(today)) == ("Donnerstag, 19. November", "Thursday 19 November")
    assert DE.day(long_ago).endswith("2025")


@pytest.mark.parametrize(
    ("passed", "de", "en"),
    [
        (5 * SECOND, "vor 1 Minute", "1 minute ago"),
        (2 * MINUTE, "vor 2 Minuten", "2 minutes ago"),
        (59 * MINUTE, "vor 59 Minuten", "59 minutes ago"),
        (23 * HOUR, "vor 23 Stunden", "23 hours ago"),
        (DAY, "18.11.2026", "18 Nov 2026"),
        (-HOUR, "19.11.2026", "19 Nov 2026"),
    ],
)
def test_how_long_ago(passed: int, de: str, en: str) -> None:
    assert (DE.ago(NOW - passed), EN.ago(NOW - passed)) == (de, en)


def test_metrics_by_their_unit() -> None:
    assert DE.measured(None, "count") == "–"
    assert DE.measured(2508, "money") == f"25,08{SPACE}€"
    assert DE.measured(56.99, "days") == "56"
    assert DE.measured(NOW, "time") == "19.11.2026"
    assert DE.measured(3, "count") == "3"
