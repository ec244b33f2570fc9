"""Events in sentences: exact words for the known ones, something readable for all others, and never an error."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anstoss.web.formats import Voice
from anstoss.web.home import readers
from anstoss.web.sentences import GROUPS, Teller, known_events

from .conftest import START, Office

SPACE = "\u00a0"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["total", "revenue", "price", "currency", "products", "reason", "reason_data", "lifecycle", "stage", "from"]
KEYS += ["journey", "segment", "brand", "channel", "name", "slot", "arm", "email_subject", "order_id"]


def teller(lang: str) -> Teller:
    with readers().reader() as reader:
        return Teller(reader, Voice(lang, "Europe/Berlin", "EUR", START))


SAID = [
    (
        "Order Completed",
        {"order_id": "A-1023", "total": "89.90"},
        (f"Bestellung A-1023 über 89,90{SPACE}€", "Order A-1023 for €89.90"),
    ),
    ("Order Completed", {}, ("Bestellung", "Order")),
    ("Order Completed", {"total": 1e300, "slot": "left"}, ("Bestellung", "Order")),
    (
        "Order Completed",
        {"revenue": 1234, "currency": "JPY"},
        (f"Bestellung über 1.234{SPACE}¥", "Order for ¥1,234"),
    ),
    ("Product Viewed", {"name": "Zelt {x}"}, ("Angesehen: „Zelt {x}“", "Viewed: “Zelt {x}”")),
    (
        "Stage Entered",
        {"lifecycle": "shop", "stage": "churn_risk", "from": "retention"},
        ("Shop: Bindung → Abwanderung", "Shop: Retention → Churn risk"),
    ),
    (
        "Journey Started",
        {"journey": "basket"},
        ("Reise begonnen: „Warenkorb verlassen“", "Journey started: “Basket abandoned”"),
    ),
    (
        "Consent Withdrawn",
        {"brand": "shop", "channel": "email"},
        ("Einwilligung widerrufen: Fernwald, E-Mail", "Consent withdrawn: Fernwald, e-mail"),
    ),
    ("Moon Landed", {"place": "Tycho"}, ("Moon Landed", "Moon Landed")),
]


@pytest.mark.parametrize(("name", "properties", "words"), SAID)
def test_how_it_is_said(shown: Office, name: str, properties: dict[str, Any], words: tuple[str, str]) -> None:
    assert (teller("de").line(name, properties).head, teller("en").line(name, properties).head) == words


def test_what_was_not_sent_says_why(shown: Office) -> None:
    data = {"reason": "cap", "reason_data": {"count": 2, "at_most": 2, "hours": 168}, "template": "reminder"}
    line = teller("de").line("Message Not Sent", data)
    assert (line.mark, line.group, line.head) == ("not", "not_sent", "Nicht gesendet: „reminder“")
    assert "2 Werbenachrichten" in line.note
    assert "168 Stunden" in line.note


def test_a_journey_that_was_not_started_says_when_it_may_again(shown: Office) -> None:
    data = {"journey": "basket", "reason": "too_soon", "started_at": START, "again_at": START + 7 * 86_400_000_000}
    line = teller("de").line("Journey Not Started", data)
    assert "09.10.2025, 11:00 Uhr" in line.note
    assert "16.10.2025, 11:00 Uhr" in line.note


def test_long_baskets_are_cut_short(shown: Office) -> None:
    goods = [{"name": name} for name in ("Zelt", "Kocher", "Lampe", "Seil")]
    assert teller("de").line("Checkout Started", {"products": goods}).note == "Zelt, Kocher und 2 weitere"
    assert teller("en").line("Checkout Started", {"products": goods[:2]}).note == "Zelt, Kocher"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(known_events())) | st.text(min_size=1, max_size=20),
    properties=st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), JSON, max_size=6),
    why=st.dictionaries(st.sampled_from(["subject", "reason", "data", "state"]), JSON, max_size=3),
    lang=st.sampled_from(["de", "en"]),
)
def test_whatever_was_sent_is_said(
    shown: Office, name: str, properties: dict[str, Any], why: dict[str, Any], lang: str
) -> None:
    line = teller(lang).line(name, properties, why)
    assert line.head
    assert line.group in GROUPS
    assert 0 <= line.slot <= 6
