"""The templates that ship with Anstoss, and their reference."""

import re
from pathlib import Path
from typing import Any

import pytest

from anstoss.brands.public import Brand
from anstoss.content.filters import OWN, STANDARD, STYLES
from anstoss.content.language import TAGS
from anstoss.content.public import RenderError, compile_template, playbook, render
from anstoss.content.vocabulary import OPEN, PRODUCT, VARIABLES

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "templates.md"
KEYS = sorted(playbook())


def test_the_playbook_is_there() -> None:
    assert KEYS == [
        "basket-coupon",
        "basket-nudge",
        "basket-reminder",
        "browse-reminder",
        "churn-checkin",
        "reactivation",
        "replenishment-reminder",
        "thank-you-first-order",
        "welcome",
    ]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("lang", ["de", "en"])
def test_each_reads_well_whatever_is_known(brand: Brand, context: dict[str, Any], key: str, lang: str) -> None:
    source = playbook()[key]
    template = compile_template(source, brand)
    assert source.purpose == "marketing"
    assert source.name is not None
    assert set(source.name) == set(source.variants) == {"de", "en"}
    nothing_known: dict[str, Any] = {"coupon": context["coupon"], "links": context["links"]}
    for known in (context, nothing_known):
        mail = render(template, known, lang)
        assert mail.lang == lang
        assert mail.preheader
        assert not re.search(r"[{}<>!]|\bNone\b", mail.subject + mail.preheader)
        assert not re.search(r"!|\{[{%]|zq\d|\n\n\n", mail.text)
        assert "<h1" in mail.html
        assert not re.search(r"\{[{%]|zq\d", mail.html)
        assert not re.search("[\U0001f000-\U0001ffff]", mail.html)
        assert len(mail.html) < 40_000
        hosts = set(re.findall(r"(?:href|src)=\"https?://([^/\"]+)", mail.html))
        assert all(host.endswith("waldkauz.example") for host in hosts)


def test_a_coupon_mail_without_a_coupon_is_not_made(brand: Brand, context: dict[str, Any]) -> None:
    del context["coupon"]
    with pytest.raises(RenderError, match="coupon"):
        render(compile_template(playbook()["basket-coupon"], brand), context, "de")


def test_the_reference_names_every_variable_filter_tag_and_part() -> None:
    text = REFERENCE.read_text("utf-8")
    wanted = {f"`{root}.{name}`" for root, fields in VARIABLES.items() for name in fields if name != OPEN}
    wanted |= {f"`{root}`" for root, fields in VARIABLES.items() if not fields or OPEN in fields}
    wanted |= {f"`product.{name}`" for name in PRODUCT}
    wanted |= {f"`{name}`" for name in (*STANDARD, *OWN, *STYLES, *TAGS)}
    parts = Path(__file__).parents[2] / "src" / "anstoss" / "content" / "parts"
    wanted |= {f'`<mj-include path="{path.stem}"/>`' for path in parts.glob("*.mjml")}
    assert sorted(name for name in wanted if name not in text) == []
