"""Rules and answers as sentences."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from anstoss.brands.public import DAY
from anstoss.customers.public import Fact, History
from anstoss.rules.phrases import Voice
from anstoss.rules.public import Vocabulary, compile_rule, explain, holds, parse_metric, words

from . import strategies as worlds

QUIET = {
    "key": "quiet",
    "unit": "days",
    "name": {"de": "Zeit seit der letzten Bestellung", "en": "time since the last order"},
    "compute": {"days_since_last": {"event": "Order Completed"}},
}
SHOP = Vocabulary(
    metrics={"quiet": parse_metric(QUIET)},
    lifecycles={"shop": ("lead", "retention")},
    segments={"city": {"trait": {"city": "Berlin"}}},
    labels={"shop": {"de": "Kundenleben", "en": "Shop"}, "shop/retention": {"de": "Bindung", "en": "Retention"}},
)
NOW = 20_000 * DAY


def plain(text: str) -> str:
    """Without the spaces that keep an amount and its unit on one line."""
    return text.replace("\u202f", " ").replace("\xa0", " ")


def order(day: int, seq: int = 1, **props: Any) -> Fact:
    return Fact(NOW - day * DAY, seq, 0, "Order Completed", "shop", 0, 0, props)


SAID = [
    (
        {
            "all": [
                {"did": {"event": "order completed", "at_least": 3, "within": "365d"}},
                {"did_not": {"event": "Product Viewed", "within": "60d", "where": {"category": {"under": "Outdoor"}}}},
            ]
        },
        "mindestens 3 Bestellungen in den letzten 365 Tagen "
        "und kein angesehenes Produkt in „Outdoor“ in den letzten 60 Tagen",
        "at least 3 orders in the last 365 days and no products viewed in “Outdoor” in the last 60 days",
    ),
    ({"did": {"event": "Order Completed"}}, "mindestens eine Bestellung", "at least one order"),
    ({"did": {"event": "Foo", "exactly": 2}}, "genau 2 Ereignisse „Foo“", "exactly 2 events “Foo”"),
    (
        {"did": {"event": ["Order Completed", "Foo"], "at_least": 2, "at_most": 4, "within": "1w"}},
        "mindestens 2 und höchstens 4 Bestellungen oder Ereignisse „Foo“ in der letzten Woche",
        "at least 2 and at most 4 orders or events “Foo” in the last week",
    ),
    (
        {
            "did": {
                "event": "Order Completed",
                "between": ["2026-05-01", "2026-06-01T12:00"],
                "sum": {"of": "revenue", "above": 1234.5},
            }
        },
        "Summe von Umsatz (Bestellungen von 01.05.2026 bis vor 01.06.2026, 12:00:00) über 1.234,50 €",
        "sum of revenue (orders from 1 May 2026 to before 1 Jun 2026, 12:00:00) above €1,234.50",
    ),
    (
        {"did": {"event": "Order Completed", "last": {"before": {"ago": "30d"}}}},
        "zuletzt (Bestellungen) liegt mehr als 30 Tage zurück",
        "last (orders) is more than 30 days ago",
    ),
    (
        {"stage": {"lifecycle": "shop", "in": ["lead", "retention"], "for_at_least": "1d"}},
        "in der Stufe „lead“ oder „Bindung“ („Kundenleben“) seit mindestens 1 Tag",
        "in stage “lead” or “Retention” (“Shop”) for at least 1 day",
    ),
    (
        {"any": [{"consent": {"channel": "email", "brand": "Shop", "status": "none"}}, {"segment": "city"}]},
        "Einwilligung für „email“ (Marke „shop“) nie erteilt oder widerrufen oder im Segment „city“ (Stadt ist „Berlin“)",  # noqa: E501 - one sentence
        "consent for “email” (brand “shop”) never granted or withdrawn or in segment “city” (city is “Berlin”)",
    ),
    (
        {
            "sequence": {
                "steps": [{"event": "Product Viewed"}, {"event": "Order Completed"}],
                "within": "7d",
                "in_last": "2w",
            }
        },
        "erst ein angesehenes Produkt, dann eine Bestellung innerhalb von 7 Tagen, alles in den letzten 2 Wochen",
        "first a product viewed, then an order within 7 days, all of it in the last 2 weeks",
    ),
    (
        {"not": {"any": [{"trait": {"age": {"between": [18, 30.5]}}}, {"trait": {"plan": {"not_in": ["A", "B"]}}}]}},
        "nicht (Alter von 18 bis 30,5 oder Tarif ist weder „A“ noch „B“)",
        "not (age from 18 to 30.5 or plan is neither “A” nor “B”)",
    ),
    (
        {
            "all": [
                {"any": [{"trait": {"vip": True}}, {"trait": {"email": {"known": False}}}]},
                {"metric": {"quiet": {"above": 60}}},
            ]
        },
        "(„vip“ ist ja oder E-Mail-Adresse ist nicht bekannt) und Zeit seit der letzten Bestellung über 60 Tage",
        "(“vip” is yes or email address is not known) and time since the last order above 60 days",
    ),
    (
        {"message": {"reaction": "clicked", "journey": "welcome", "within": "12h", "at_least": 2}},
        "mindestens 2 angeklickte E-Mails (Journey ist „welcome“) in den letzten 12 Stunden",
        "at least 2 emails clicked (journey is “welcome”) in the last 12 hours",
    ),
]


@pytest.mark.parametrize(("body", "german", "english"), SAID)
def test_rules_as_sentences(body: dict[str, Any], german: str, english: str) -> None:
    rule = compile_rule(body, SHOP)
    assert plain(words(rule, "de")) == german
    assert plain(words(rule, "en")) == english


def test_an_answer_says_what_it_rests_on() -> None:
    rule = compile_rule({"metric": {"quiet": {"above": 60}}}, SHOP)
    verdict = holds(rule, History([order(99)]), NOW)
    assert explain(verdict.evidence, "de").text == (
        "Zeit seit der letzten Bestellung über 60 Tage: 99 Tage, Grenze 60 Tage, zuletzt 27.06.2024, 02:00:00"
    )
    early = holds(rule, History([order(9)]), NOW)
    assert explain(early.evidence, "en").text.startswith(
        "time since the last order above 60 days: 9 days, limit 60 days"
    )
    assert early.next_flip == NOW + 51 * DAY + 1
    assert "kann sich ab 24.11.2024, 01:00:00 von selbst ändern" in explain(early.evidence, "de").text


def test_a_tree_of_answers_reads_line_by_line() -> None:
    body = {
        "any": [
            {"all": [{"trait": {"city": "Berlin"}}, {"consent": {"channel": "email"}}]},
            {"not": {"sequence": {"steps": [{"event": "A"}, {"event": "B"}], "within": "7d"}}},
            {"stage": {"lifecycle": "shop", "in": "lead", "for_at_least": "2d"}},
            {"segment": "city"},
            {"did": {"event": "Order Completed", "first": {"after": "2020-01-01"}}},
        ]
    }
    facts = [
        Fact(NOW - DAY, 1, 0, "A", "shop", 0, 0, {}),
        Fact(NOW - DAY, 2, 0, "B", "shop", 0, 0, {}),
        Fact(NOW - DAY, 3, 0, "Consent Granted", "shop", 0, 0, {"channel": "email", "brand": "shop"}),
        Fact(NOW - DAY, 4, 0, "Stage Entered", "shop", 0, 0, {"lifecycle": "shop", "stage": "lead"}),
        order(3, seq=5),
    ]
    lines = list(explain(holds(compile_rule(body, SHOP), History(facts), NOW).evidence, "en").lines())
    when = "3 Oct 2024, 02:00:00"
    assert [plain(line) for line in lines] == [
        "✓ At least one of these",
        "  ✗ All of these",
        "    ✗ city is “Berlin”: no value",
        f"    ✓ consent for “email” granted: granted, last {when}",
        "  ✗ Not",
        f"    ✓ first an event “A”, then an event “B” within 7 days: {when}, {when}",
        f"  ✗ in stage “lead” (“Shop”) for at least 2 days: “lead”, last {when}, 1 day, limit 2 days, "
        "can change by itself from 5 Oct 2024, 02:00:00",
        "  ✗ Segment “city”",
        "    ✗ city is “Berlin”: no value",
        "  ✓ for the first time (orders) after 1 Jan 2020: 1 Oct 2024, 02:00:00",
    ]


@settings(settings.get_profile("rules"))
@given(worlds.rules, worlds.histories(max_size=5), worlds.instants)
def test_words_name_every_literal(body: dict[str, Any], history: History, now: int) -> None:
    rule = compile_rule(body, worlds.VOCABULARY)
    evidence = holds(rule, history, now).evidence
    for lang in ("de", "en"):
        said = words(rule, lang)
        voice = Voice(lang, rule.zone, rule.currency)
        for literal in literals(body):
            assert shown(literal, voice) in said, (literal, said)
        assert all(list(explain(evidence, lang).lines()))


KEYWORDS = ("event", "of", "lifecycle", "reaction", "segment", "between", "before", "after", "status", "brand")


def literals(body: Any) -> Iterator[Any]:
    """Texts, numbers and durations that a rule names, apart from its keywords."""
    if isinstance(body, dict):
        for key, value in body.items():
            if key not in KEYWORDS or isinstance(value, dict):
                yield from literals(value)
    elif isinstance(body, list):
        for value in body:
            yield from literals(value)
    elif not isinstance(body, bool):
        yield body


def shown(literal: Any, voice: Voice) -> str:
    if isinstance(literal, datetime.date):
        raise TypeError("dates are written as text here")
    if isinstance(literal, str) and literal in worlds.DURATIONS:
        return "" if literal.startswith("1") else literal[:-1]
    if isinstance(literal, str):
        return voice.quote(literal)
    return "" if literal in (0, 1) else voice.number(int(abs(literal)))
