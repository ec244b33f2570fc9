"""What one person gets: right words, nothing injected, no template that hangs."""

import dataclasses
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anstoss.brands.public import Brand, imprint
from anstoss.content.public import Compiled, RenderError, Variant, compile_template, playbook, render
from anstoss.content.source import TemplateSource

from .writing import body, compiled, template

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='x",
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "data:text/html,x",
    'https://ok.example/"><b>',
    "https://ok.example/' x='",
    "{{ customer.email }}",
    "{% for i in (1..9) %}",
    "<!--zq0z-->zq1z zqq1z",
    "--><script>",
    "]]>",
    "&lt;b&gt;",
    "\r\nBcc: all@example.org",
    "\u2028\u202eevil\x00",
]
EVERYWHERE = body(
    "<h1>{{ customer.first_name }}</h1>"
    "<a href='{{ customer.traits.a }}' title='{{ customer.traits.b }}'>x</a>"
    "<a href='https://waldkauz.example/s?q={{ customer.traits.c }}'>y</a>"
    "<img src='{{ customer.traits.d }}' alt='{{ customer.traits.e }}'/>"
    "<table>{% for p in products %}<tr><td>{{ p.name }}</td></tr>{% endfor %}</table>"
)


class Shape(HTMLParser):
    """The tags and attribute names of a page, and where it leads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]


hostile = st.one_of(st.sampled_from(NASTY), st.text(max_size=40), st.builds("".join, st.lists(st.sampled_from(NASTY))))


@pytest.fixture(scope="session")
def probe(brand: Brand) -> Compiled:
    return compile_template(template(EVERYWHERE, subject="Für {{ customer.first_name }}"), brand)


@settings(deadline=None)
@given(values=st.lists(hostile, min_size=7, max_size=7))
def test_no_value_can_inject_markup_an_address_or_a_header(probe: Compiled, values: list[str]) -> None:
    ways = {"unsubscribe": "https://w.example/u", "preferences": "https://w.example/p"}

    def shown(v: list[str]) -> Any:
        traits = dict(zip("abcde", v[1:6], strict=True))
        person = {"first_name": v[0], "traits": traits}
        return render(probe, {"customer": person, "products": [{"name": v[6]}], "links": ways}, "de")

    got, benign = shown(values), shown(["x"] * 7)
    assert Shape(got.html).tags == Shape(benign.html).tags
    for address in Shape(got.html).addresses:
        assert address in ("", "#") or re.match(r"(https?://|mailto:|tel:)\S+$", address, re.IGNORECASE)
        assert not re.search(r"[\s<>\"'`\x00-\x1f]", address)
    assert not re.search("[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e]", got.subject)


@pytest.mark.parametrize(
    "inner",
    [
        "{% for a in (1..1000) %}{% for b in (1..1000) %}{% for c in (1..1000) %}{% endfor %}{% endfor %}{% endfor %}x",
        "{% assign x = 9 %}{% for i in (1..500) %}{% assign x = x | times: x %}{% endfor %}{{ x }}",
        "{% assign x = 'ab' %}{% for i in (1..500) %}{% assign x = x | append: x %}{% endfor %}{{ x | size }}",
        "{% for i in (1..900) %}{{ customer.first_name }}{% endfor %}",
    ],
    ids=["loops", "squares", "doubling", "output"],
)
def test_a_template_cannot_hang_a_sender(brand: Brand, context: dict[str, Any], inner: str) -> None:
    probe = compiled(brand, inner)
    context["customer"]["first_name"] = "N" * 1000
    began = time.process_time()
    with pytest.raises(RenderError):
        render(probe, context, "de")
    assert time.process_time() - began < 2


def test_a_missing_value_stops_the_mail_unless_the_template_is_ready_for_it(brand: Brand) -> None:
    ways = {"unsubscribe": "https://w.example/u", "preferences": "https://w.example/p"}
    with pytest.raises(RenderError, match="first_name"):
        render(compiled(brand, "Hallo {{ customer.first_name }}"), {"customer": {}, "links": ways}, "de")
    ready = compiled(
        brand,
        "{% if customer.first_name %}Hallo {{ customer.first_name }}{% else %}Guten Tag{% endif %}, "
        "{{ customer.traits.plan | default: 'ohne Tarif' }}",
    )
    assert "Guten Tag, ohne Tarif" in render(ready, {"customer": {}, "links": ways}, "de").text
    assert "Guten Tag, ohne Tarif" in render(ready, {"links": ways}, "de").text


@pytest.mark.parametrize(
    "name", ["Jo\r\nBcc: all@example.org", "Jo\x00nas", "Jo\u2028nas", "Jo\u202esanoJ", "Jo\x85nas"]
)
def test_a_name_cannot_break_or_disguise_the_subject(brand: Brand, context: dict[str, Any], name: str) -> None:
    context["customer"]["first_name"] = name
    mail = render(compiled(brand, "x", subject="Für {{ customer.first_name }}"), context, "de")
    assert mail.subject.startswith("Für Jo ")
    assert mail.subject.isprintable()


def test_a_long_subject_is_cut(brand: Brand, context: dict[str, Any]) -> None:
    context["customer"]["first_name"] = "N" * 500
    mail = render(compiled(brand, "x", subject="Für {{ customer.first_name }}"), context, "de")
    assert mail.subject == "Für " + "N" * 196


def test_an_empty_subject_is_no_mail(brand: Brand, context: dict[str, Any]) -> None:
    with pytest.raises(RenderError, match="subject"):
        render(compiled(brand, "x", subject="{{ event.nothing | default: '' }}"), context, "de")


def test_a_marketing_mail_has_imprint_way_out_and_reason_in_both_parts(brand: Brand, context: dict[str, Any]) -> None:
    mail = render(compiled(brand, "Hallo"), context, "de")
    for part in (mail.html, mail.text):
        assert context["links"]["unsubscribe"] in part
        assert context["links"]["preferences"] in part
        for line in imprint(brand, "de"):
            assert line in part
    assert "weil Sie dem Empfang von E-Mails von Waldkauz & Söhne zugestimmt haben" in mail.text
    bought = render(compiled(brand, "Hallo"), {**context, "basis": "existing_customer"}, "de")
    assert "jederzeit widersprechen" in bought.text
    assert "zugestimmt" not in bought.text


@pytest.mark.parametrize("missing", ["unsubscribe", "preferences"])
def test_a_marketing_mail_without_a_way_out_is_not_made(brand: Brand, context: dict[str, Any], missing: str) -> None:
    del context["links"][missing]
    with pytest.raises(RenderError, match=missing):
        render(compiled(brand, "Hallo"), context, "de")


def test_a_transactional_mail_has_the_imprint_but_no_way_out(brand: Brand, context: dict[str, Any]) -> None:
    mail = render(compiled(brand, "Hallo", purpose="transactional"), {**context, "links": {}}, "de")
    assert "Waldkauz Outdoor GmbH" in mail.text
    assert "Waldkauz Outdoor GmbH" in mail.html
    assert "Abmelden" not in mail.html + mail.text


def test_imprint_and_privacy_pages_are_linked_where_they_exist(brand: Brand, context: dict[str, Any]) -> None:
    context["links"] |= {"imprint": "https://w.example/i", "privacy": "https://w.example/d"}
    text = render(compiled(brand, "Hallo"), context, "de").text
    assert "Impressum <https://w.example/i> · Datenschutz <https://w.example/d>" in text


@pytest.mark.parametrize(
    ("lang", "locale", "used"),
    [("de", "de_DE", "de"), ("en", "de_DE", "en"), ("de-AT", "en_GB", "de"), ("fr", "de", "de"), ("fr", "en-US", "en")],
)
def test_a_missing_language_falls_back_to_the_brands(
    brand: Brand, context: dict[str, Any], lang: str, locale: str, used: str
) -> None:
    variants = {"de": Variant("Hallo", "V", body("Deutsch")), "en": Variant("Hello", "V", body("English"))}
    probe = compile_template(TemplateSource("probe", variants), dataclasses.replace(brand, locale=locale))
    assert render(probe, context, lang).lang == used


def test_the_only_language_is_better_than_none(brand: Brand, context: dict[str, Any]) -> None:
    english = TemplateSource("probe", {"en": Variant("Hello", "V", body("English"))})
    assert render(compile_template(english, brand), context, "de").lang == "en"


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("{{ 18990 | money }}", "189,90\xa0€"),
        ("{{ 500 | money: 'JPY' }}", "500\xa0¥"),
        ("{{ 0 | money }}", "0,00\xa0€"),
        ("{{ event.total | amount }}", "204,80\xa0€"),
        ("{{ '204.80' | amount: 'CHF' }}", "204,80\xa0CHF"),
        ("{{ 1234567.5 | number }}", "1.234.567,5"),
        ("{{ '2026-12-06' | date: 'long' }}", "6. Dezember 2026"),
        ("{{ '2026-12-05T23:30:00Z' | date: 'short' }}", "06.12.26"),
        ("{{ now | date }}", "21.11.2026"),
        ("{{ now | date: 'time' }}", "11:40"),
    ],
)
def test_numbers_and_dates_speak_the_language_of_the_mail(
    brand: Brand, context: dict[str, Any], expression: str, shown: str
) -> None:
    mail = render(compiled(brand, f"»{expression}«"), context, "de")
    assert f"»{shown}«" in mail.text
    assert f"»{shown}«" in mail.html.replace("&nbsp;", "\xa0")


@pytest.mark.parametrize(
    "expression",
    [
        "{{ 189.9 | money }}",
        "{{ '18990' | money }}",
        "{{ true | money }}",
        "{{ 1 | money: 'euro' }}",
        "{{ 'NaN' | amount }}",
        "{{ 'viel' | number }}",
        "{{ 'morgen' | date }}",
        "{{ true | date }}",
        "{{ 99999999999999999999 | date }}",
        "{{ now | date: '%Y' }}",
        "{{ '2026-12-06' | date: 'time' }}",
    ],
)
def test_a_filter_refuses_what_it_does_not_understand(brand: Brand, context: dict[str, Any], expression: str) -> None:
    with pytest.raises(RenderError):
        render(compiled(brand, expression), context, "de")


def test_a_picture_on_a_foreign_host_gives_way_to_a_text_card(brand: Brand, context: dict[str, Any]) -> None:
    probe = compile_template(template('<mj-include path="products"/>'), brand)
    assert "https://img.waldkauz.example/1.jpg" in render(probe, context, "de").html
    for foreign in (
        "https://tracker.example/1.jpg",
        "//tracker.example/1.jpg",
        "https://[",
        "ftp://waldkauz.example/x",
    ):
        context["products"][0]["image"] = foreign
        html = render(probe, context, "de").html
        assert "tracker" not in html
        assert "<img" not in html
        assert "Tobel Mid" in html


def test_liquid_survives_tables_comparisons_and_conditional_sections(brand: Brand, context: dict[str, Any]) -> None:
    mjml = (
        "{% if products.size > 1 and now > 5 %}<mj-section><mj-column><mj-table>"
        "<tr><th>Was</th><th>Preis</th></tr>"
        "{% for p in products %}{% if p.price < 5000 %}<tr><td>{{ p.name }}</td><td>{{ p.price | money }}</td></tr>"
        "{% endif %}{% endfor %}</mj-table></mj-column></mj-section>{% endif %}"
    )
    mail = render(compile_template(template(mjml), brand), context, "de")
    assert re.search(
        r"<tbody>.*<td>Imprägnierung 300 ml</td>\s*<td>14,90\xa0€</td></tr>\s*</tbody>", mail.html, re.DOTALL
    )
    assert "Tobel" not in mail.html
    context["products"] = []
    assert "Preis" not in render(compile_template(template(mjml), brand), context, "de").html


def test_html_loads_nothing_from_elsewhere_and_knows_dark_mode(brand: Brand, context: dict[str, Any]) -> None:
    html = render(compiled(brand, "Hallo"), context, "de").html
    assert "fonts.googleapis" not in html
    assert "<link" not in html
    assert not re.search(r"@import|url\(", html)
    assert "@media (prefers-color-scheme: dark)" in html
    assert '<html lang="de"' in html


def test_the_text_part_reads_like_a_letter(brand: Brand, context: dict[str, Any]) -> None:
    inner = (
        "<h1>Titel &amp; mehr</h1><p>Ein <b>Wort</b>&nbsp;hier.<br>Neu.</p><ul><li>eins</li><li>zwei</li></ul>"
        "<a href='https://w.example/x?a=1&amp;b=2'>Los</a> <a href='mailto:a@w.example'>a@w.example</a>"
        "{% if event.order_id == 'B' %}<p>fort</p>{% endif %}<img src='https://waldkauz.example/i.png' alt='Bild'/>"
    )
    text = render(compiled(brand, inner), context, "de").text
    assert text.split("-" * 40)[0] == (
        "Waldkauz & Söhne\n\nTitel & mehr\n\nEin Wort\xa0hier.\nNeu.\n\n- eins\n- zwei\n\n"
        "Los <https://w.example/x?a=1&b=2> a@w.example\nBild\n\n"
    )


@pytest.mark.parametrize(
    ("quantity", "line"),
    [(None, "1,00\xa0€"), (1, "1,00\xa0€"), ("2", "2 × 1,00\xa0€"), (1.5, "1,5 × 1,00\xa0€"), ("viele", "1,00\xa0€")],
)
def test_the_products_part_copes_with_any_quantity(
    brand: Brand, context: dict[str, Any], quantity: object, line: str
) -> None:
    context["products"] = [{"name": "Socken", "price": 100, "quantity": quantity}]
    text = render(compile_template(template('<mj-include path="products"/>'), brand), context, "de").text
    assert f"Socken\n{line}\n" in text


def test_the_whole_mail_is_as_it_was_looked_at(brand: Brand, context: dict[str, Any]) -> None:
    """Pins MJML engine, inliner and frame. After a wanted change write the new mail and look at it in a browser."""
    mail = render(compile_template(playbook()["basket-reminder"], brand), context, "de")
    for part, name in ((mail.html, "basket-reminder.html"), (mail.text, "basket-reminder.txt")):
        assert part == (Path(__file__).parent / "golden" / name).read_text("utf-8")
