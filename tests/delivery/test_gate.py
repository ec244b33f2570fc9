"""The gate's decision: what it must never allow, whatever the facts."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anstoss import delivery
from anstoss.brands.public import DAY, HOUR, MINUTE, Brand, LegalEntity
from anstoss.content.public import Rendered
from anstoss.delivery.gate import (
    FINAL_CAUSES,
    Allowed,
    Cap,
    Consent,
    Facts,
    Later,
    Policy,
    Refused,
    Request,
    Stop,
    decide,
    inspect,
)
from anstoss.delivery.public import reason_codes, reason_words

from .shop import ENTITY

NOW = 1_750_000_000_000_000
REQUESTS = st.builds(
    Request,
    address=st.sampled_from(["ada@example.org", "", "ada", "a b@example.org", "a@b.example\nBcc: x@y.example"]),
    brand=st.just("berg"),
    channel=st.just("email"),
    purpose=st.sampled_from(["marketing", "transactional", "anything else"]),
    not_after=st.integers(NOW - HOUR, NOW + 3 * DAY),
)
CONSENTS = st.none() | st.builds(Consent, status=st.sampled_from(["granted", "withdrawn"]), seq=st.integers(1, 6))
STOPS = st.builds(
    Stop,
    cause=st.sampled_from(["unsubscribed", "complained", "bounced", "erased"]),
    seq=st.none() | st.integers(1, 6),
)
FACTS = st.builds(
    Facts,
    now=st.just(NOW),
    consent=CONSENTS,
    stops=st.lists(STOPS, max_size=3).map(tuple),
    recent=st.lists(st.integers(NOW - 8 * DAY, NOW), max_size=6).map(tuple),
    lag=st.sampled_from([0, MINUTE, MINUTE + 1, HOUR]),
)
POLICIES = st.builds(
    Policy,
    quiet=st.none() | st.tuples(st.integers(0, 1439), st.integers(0, 1439)),
)
FINE = Request("ada@example.org", "berg", "email", "marketing", NOW + 3 * DAY)
AGREED = Facts(NOW, consent=Consent("granted", 1))


@given(REQUESTS, FACTS, POLICIES)
def test_what_is_promotional_leaves_only_with_everything_in_order(
    request: Request, facts: Facts, policy: Policy
) -> None:
    if not isinstance(decide(request, facts, policy), Allowed):
        return
    assert request.address == "ada@example.org"
    assert facts.now <= request.not_after
    assert not any(stop.cause in FINAL_CAUSES for stop in facts.stops)
    if request.purpose == "transactional":
        return
    assert facts.consent is not None
    assert facts.consent.status == "granted"
    assert all(stop.seq is not None and stop.seq < facts.consent.seq for stop in facts.stops)
    assert facts.lag <= MINUTE
    assert sum(at > NOW - 20 * HOUR for at in facts.recent) < 1
    assert sum(at > NOW - 7 * DAY for at in facts.recent) < 4


@given(FACTS, STOPS, POLICIES)
def test_one_more_stop_never_opens_the_gate(facts: Facts, stop: Stop, policy: Policy) -> None:
    stopped = replace(facts, stops=(*facts.stops, stop))
    if isinstance(decide(FINE, stopped, policy), Allowed):
        assert isinstance(decide(FINE, facts, policy), Allowed)


@given(FACTS, POLICIES)
def test_waiting_is_never_in_vain(facts: Facts, policy: Policy) -> None:
    """What may go later is allowed by then, if nothing else happens, after at most one more wait."""
    decision = decide(FINE, facts, policy)
    for _ in range(3):
        if not isinstance(decision, Later) or decision.code == "fold_lags":
            break
        assert facts.now < decision.until <= FINE.not_after
        facts = replace(facts, now=decision.until)
        decision = decide(FINE, facts, policy)
    assert not isinstance(decision, Later) or decision.code == "fold_lags"


@given(REQUESTS, FACTS, POLICIES, st.sampled_from(["de", "en"]))
def test_every_refusal_can_be_read(request: Request, facts: Facts, policy: Policy, lang: str) -> None:
    decision = decide(request, facts, policy)
    if not isinstance(decision, Allowed):
        words = reason_words(decision.code, decision.data, lang)
        assert words != decision.code
        assert "–" not in words
        assert "{" not in words


@pytest.mark.parametrize(
    ("hour", "quiet", "free_at"),
    [
        (23, (22 * 60, 8 * 60), 32),
        (3, (22 * 60, 8 * 60), 8),
        (12, (22 * 60, 8 * 60), None),
        (13, (12 * 60, 14 * 60), 14),
    ],
)
def test_quiet_hours_end_in_the_brands_zone(hour: int, quiet: tuple[int, int], free_at: int | None) -> None:
    midnight = 1_749_938_400_000_000  # 2025-06-15 00:00 in Berlin
    facts = replace(AGREED, now=midnight + hour * HOUR)
    decision = decide(FINE, facts, Policy(quiet=quiet))
    if free_at is None:
        assert decision == Allowed()
    else:
        assert decision == Later(midnight + free_at * HOUR, "quiet_hours")


def test_a_cap_opens_when_the_oldest_counted_message_is_old_enough() -> None:
    recent = tuple(NOW - days * DAY for days in (1, 2, 3, 6))
    decision = decide(FINE, replace(AGREED, recent=recent), Policy(caps=(Cap(4, 7 * DAY),)))
    assert decision == Later(NOW + DAY, "cap", {"count": 4, "at_most": 4, "hours": 168})


BRAND = Brand("berg", "Berg", ENTITY)
WAY_OUT = "https://berg.example/u/token"
IMPRINT = "Bergzeit & Söhne GmbH, Lindenstraße 7, 80331 München, service@berg.example"
HTML_IMPRINT = "Bergzeit &amp; S&ouml;hne GmbH, Lindenstraße 7, 80331 München, service@berg.example"


@pytest.mark.parametrize(
    ("html", "text", "code"),
    [
        (HTML_IMPRINT + WAY_OUT, IMPRINT + WAY_OUT, None),
        (HTML_IMPRINT, IMPRINT + WAY_OUT, "way_out_missing"),
        (HTML_IMPRINT + WAY_OUT, IMPRINT, "way_out_missing"),
        (WAY_OUT, IMPRINT + WAY_OUT, "imprint_missing"),
        (HTML_IMPRINT + WAY_OUT, WAY_OUT, "imprint_missing"),
    ],
)
def test_both_parts_show_imprint_and_way_out(html: str, text: str, code: str | None) -> None:
    refusal = inspect("marketing", Rendered("s", "p", html, text, "de"), BRAND, WAY_OUT)
    assert (refusal.code if refusal else None) == code


def test_a_receipt_needs_the_imprint_only() -> None:
    receipt = Rendered("s", "p", HTML_IMPRINT, IMPRINT, "de")
    assert inspect("transactional", receipt, BRAND, WAY_OUT) is None
    nobody = replace(BRAND, entity=LegalEntity("Berg"))
    assert inspect("transactional", receipt, nobody, WAY_OUT) == Refused(
        "imprint_missing", {"missing": "street, postal_code, city, email"}
    )


def test_every_reason_in_the_code_has_words() -> None:
    source = "".join(path.read_text("utf-8") for path in Path(delivery.__file__).parent.rglob("*.py"))
    used = set(re.findall(r"(?:Refused|Later)\((?:[^\"\n]*, )?\s*\"(\w+)\"", source))
    assert {"cap", "expired", "quiet_hours", "template_failed"} <= used
    assert used <= set(reason_codes())
    for words in reason_codes().values():
        assert re.findall(r"{\w+}", words["de"]) == re.findall(r"{\w+}", words["en"])


def test_an_unknown_reason_is_shown_as_it_is() -> None:
    assert reason_words("paused_by_staff", {}, "de") == "paused_by_staff"
    assert reason_words("stopped", {"cause": "bounced"}, "en") == "The address is stopped: not deliverable."
    assert reason_words("stopped", {}, "de") == "Die Adresse ist gesperrt: –."
