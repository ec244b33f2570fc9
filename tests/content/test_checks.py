"""A template that is wrong cannot be published, and the error names the place."""

import pytest

from anstoss.brands.public import Brand, IncompleteImprint, LegalEntity
from anstoss.content.public import TemplateError, compile_template, read_source

from .writing import body, problems_of, template


@pytest.mark.parametrize(
    ("inner", "word"),
    [
        ("{{ customer.firstname }}", "unknown variable 'customer.firstname'"),
        ("{{ basket.size }}", "unknown variable 'basket.size'"),
        ("{{ products[0].colour }}", "unknown variable 'products[0].colour'"),
        ("{% for p in products %}{{ p.colour }}{% endfor %}", "unknown variable 'p.colour'"),
        ("{{ _subject }}", "unknown variable '_subject'"),
        ("{{ now | strftime }}", "unknown filter 'strftime'"),
        ("{{ customer.first_name | safe }}", "unknown filter 'safe'"),
        ("{{ links.shop | _link }}", "unknown filter '_link'"),
        ("{{ customer.first_name | newline_to_br }}", "unknown filter 'newline_to_br'"),
        ("{% include 'x' %}", "unexpected tag 'include'"),
        ("{% capture x %}y{% endcapture %}", "unexpected tag 'capture'"),
        ("{% if customer.first_name %}Hallo", "Liquid"),
        ("{{ customer.first_name | }}", "Liquid"),
        ("<b>Hallo", "not well-formed"),
        ("<b {% if now %}class='x'{% endif %}>Hallo</b>", "not well-formed"),
        ("<script>alert(1)</script>", "<script> is not allowed"),
        ("<form/>", "<form> is not allowed"),
        ("<mj-button>x</mj-button>", "<mj-button> is not allowed inside <mj-text>"),
        ("<a onclick='x'>y</a>", "unknown attribute 'onclick'"),
        ("<a href='javascript:alert(1)'>y</a>", "not a valid address"),
        ("<a href='/relative'>y</a>", "not a valid address"),
        ("<img src='https://cdn.foreign.example/x.png' alt=''/>", "foreign hosts"),
        ("<img src='https://waldkauz.example.evil.example/x.png' alt=''/>", "foreign hosts"),
        ("<img src='data:image/png;base64,AA' alt=''/>", "not a valid address"),
        ("<img src='https://waldkauz.example/x.png'/>", "alt text"),
        ("<p style='background:url(https://x.example/y)'>y</p>", "must not load"),
        ("<p style='color:{{ customer.traits.plan }}'>y</p>", "Liquid is not allowed in 'style'"),
        ("<table>text<tr><td>x</td></tr></table>", "text directly inside <table>"),
        ("<b>{% if now %}</b>{% endif %}", "same element"),
        ("<?php x ?>", "does not belong"),
    ],
)
def test_a_problem_is_found_on_its_line(brand: Brand, inner: str, word: str) -> None:
    problems = problems_of(brand, f"<mj-section><mj-column>\n<mj-text>\n{inner}\n</mj-text>\n</mj-column></mj-section>")
    matching = [place for place, message in problems if word in message]
    assert matching, problems
    assert all(place.startswith("variants.de.mjml:") for place in matching)
    if "well-formed" not in word and word != "Liquid":
        assert matching == ["variants.de.mjml:3"] * len(matching)


@pytest.mark.parametrize(
    ("mjml", "word"),
    [
        ("<mj-foo/>", "<mj-foo> is not allowed inside <mj-body>"),
        ("<mj-text>x</mj-text>", "<mj-text> is not allowed inside <mj-body>"),
        ("<mj-include path='../../secret'/>", "<mj-include> is not allowed"),
        ('<mj-include path="nosuchpart"/>', "<mj-include> is not allowed"),
        ("<mj-section><mj-column><mj-social/></mj-column></mj-section>", "<mj-social> is not allowed"),
        ("<mj-section backgroundcolor='#fff'/>", "unknown attribute 'backgroundcolor'"),
        ("<mj-section background-url='https://x.example/y.png'/>", "unknown attribute 'background-url'"),
        ("just text", "text directly inside <mj-body>"),
    ],
)
def test_the_structure_is_checked_because_the_mjml_engine_lets_unknown_tags_pass(
    brand: Brand, mjml: str, word: str
) -> None:
    assert any(word in message for _, message in problems_of(brand, mjml))


def test_lines_stay_right_below_liquid_comments_and_parts(brand: Brand) -> None:
    mjml = (
        '{% if\n now %}{% endif %}\n<!-- two\nlines -->\n<mj-include path="products"/>\n'
        "<mj-section><mj-column><mj-text>\n<blink>x</blink>{{ oops }}\n</mj-text></mj-column></mj-section>"
    )
    assert [place for place, _ in problems_of(brand, mjml)] == ["variants.de.mjml:7"] * 2


def test_all_problems_are_reported_at_once(brand: Brand) -> None:
    problems = problems_of(brand, body("{{ a }}\n{{ b | c }}\n<blink/>"), subject="{{ d }}")
    assert [place for place, _ in problems] == [
        "variants.de.subject:1",
        "variants.de.mjml:2",
        "variants.de.mjml:1",
        "variants.de.mjml:2",
        "variants.de.mjml:3",
    ]


@pytest.mark.parametrize("subject", ["Re: Ihre Bestellung", "AW: Hallo", "fwd: x"])
def test_a_subject_must_not_pretend_to_be_a_reply(brand: Brand, subject: str) -> None:
    assert problems_of(brand, body("x"), subject)[0][0] == "variants.de.subject"


def test_html_beyond_what_gmail_shows_is_refused(brand: Brand) -> None:
    [(place, message)] = problems_of(brand, body("<p>" + "lang und " * 12_000 + "</p>"))
    assert place == "variants.de.mjml"
    assert "Gmail" in message


def test_without_a_complete_imprint_nothing_compiles() -> None:
    bare = Brand(key="x", name="X", entity=LegalEntity(name="X"))
    with pytest.raises(IncompleteImprint):
        compile_template(template(body("Hallo")), bare)


@pytest.mark.parametrize(
    ("data", "places"),
    [
        ("text", [""]),
        ({}, ["key", "variants"]),
        (
            {"key": "k", "variants": {"de": {"subject": "s", "mjml": " "}}},
            ["variants.de.preheader", "variants.de.mjml"],
        ),
        ({"key": "k", "variants": {"fr": {}}}, ["variants.fr"]),
        ({"key": "k", "variants": {"de": "x"}}, ["variants.de"]),
        ({"key": "k", "purpose": "spam", "variants": {}}, ["purpose", "variants"]),
        (
            {"key": "k", "channel": "fax", "name": 3, "colour": 1, "variants": {}},
            ["colour", "channel", "variants", "name"],
        ),
    ],
)
def test_the_shape_of_a_source_is_checked(data: object, places: list[str]) -> None:
    with pytest.raises(TemplateError) as caught:
        read_source(data)
    assert [problem.place for problem in caught.value.problems] == places
