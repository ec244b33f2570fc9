"""From a template's source to something that renders fast: all checks and all slow work happen here, once."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape

import css_inline
import mrml
from lxml import etree

from anstoss.brands.public import Brand, imprint
from anstoss.content.filters import own_hosts
from anstoss.content.language import HTML_LIMIT, MailLiquid, check_liquid, environment
from anstoss.content.markup import BodyCheck, parse_body, with_parts
from anstoss.content.masking import Mask
from anstoss.content.problems import Problem, TemplateError
from anstoss.content.rendering import Compiled, CompiledVariant
from anstoss.content.source import TemplateSource, Variant
from anstoss.content.textpart import to_text

_FRAME = Path(__file__).parent / "frame"
# Keeps mail clients from filling the preview line with the greeting; none of these characters is visible.
_PREVIEW_PADDING = "\u034f\u200c\u00a0" * 40
_FOOTER = {
    "de": {
        "why": "Sie erhalten diese E-Mail, weil Sie dem Empfang von E-Mails von {brand} zugestimmt haben.",
        "why_customer": "Sie erhalten diese E-Mail, weil Sie bei {brand} gekauft haben. Sie können dem jederzeit "
        "widersprechen, ohne dass dafür andere als die Übermittlungskosten nach den Basistarifen entstehen.",
        "unsubscribe": "Abmelden",
        "preferences": "Was ich bekommen möchte",
        "imprint": "Impressum",
        "privacy": "Datenschutz",
    },
    "en": {
        "why": "You are getting this e-mail because you agreed to e-mails from {brand}.",
        "why_customer": "You are getting this e-mail because you bought from {brand}. You can object at any time, "
        "at no cost but that of sending us a message.",
        "unsubscribe": "Unsubscribe",
        "preferences": "What I want to get",
        "imprint": "Imprint",
        "privacy": "Privacy",
    },
}


def compile_template(source: TemplateSource, brand: Brand) -> Compiled:
    """The template ready to render for ``brand``. Raises ``TemplateError`` with every problem and its place."""
    problems: list[Problem] = []
    variants = {}
    for lang, variant in source.variants.items():
        found, compiled = _compile_variant(source, variant, brand, lang)
        problems += found
        if compiled:
            variants[lang] = compiled
    if problems or not variants:
        raise TemplateError(source.key, problems or [Problem("variants", "Keine Sprache.", "no language")])
    return Compiled(source.key, source.purpose, brand, variants)


def _compile_variant(
    source: TemplateSource, variant: Variant, brand: Brand, lang: str
) -> tuple[list[Problem], CompiledVariant | None]:
    """The problems of one language, or its templates."""
    place = f"variants.{lang}"
    rich, plain = environment(brand, lang, html=True), environment(brand, lang, html=False)
    body = with_parts(variant.mjml)
    problems = _check_texts(plain, variant, place) + list(check_liquid(rich, body, f"{place}.mjml"))
    mask = Mask(body)
    tree, broken = parse_body(mask.hide(body), f"{place}.mjml")
    problems += broken
    if tree is not None:
        problems += BodyCheck(mask, own_hosts(brand), f"{place}.mjml").problems(tree)
    if problems or tree is None:
        return problems, None
    hidden = _to_html(_framed(tree, mask, brand, source.purpose, lang))
    html, text = mask.show(hidden), mask.show(to_text(hidden, mask))
    size = len(hidden.encode())
    if size > HTML_LIMIT:
        de = f"HTML ist {size // 1024} KB groß, Gmail schneidet ab 102 KB ab."
        return [Problem(f"{place}.mjml", de, f"HTML has {size // 1024} KB, Gmail clips at 102 KB")], None
    return [], CompiledVariant(
        lang,
        subject=plain.from_string(variant.subject),
        preheader=plain.from_string(variant.preheader),
        html=rich.from_string(html),
        text=plain.from_string(text),
    )


def _check_texts(env: MailLiquid, variant: Variant, place: str) -> list[Problem]:
    problems = list(check_liquid(env, variant.subject, f"{place}.subject"))
    problems += check_liquid(env, variant.preheader, f"{place}.preheader")
    if re.match(r"\s*(re|aw|fwd?|wg)\s*:", variant.subject, re.IGNORECASE):
        de = "Der Betreff täuscht eine Antwort oder Weiterleitung vor (§ 6 DDG)."
        problems.append(Problem(f"{place}.subject", de, "the subject pretends to be a reply or a forward"))
    return problems


def _framed(body: "etree._Element", mask: Mask, brand: Brand, purpose: str, lang: str) -> str:
    """The whole MJML document: our head, header and footer around the author's sections."""
    frame = Template(_read("frame.mjml")).substitute(
        lang=lang,
        brand=escape(brand.name),
        padding=_PREVIEW_PADDING,
        dark=_read("dark.css"),
        footer=_footer(brand, purpose, lang),
    )
    document = etree.fromstring(mask.hide(frame))
    slot = document.find(".//slot")
    if slot is None:
        raise LookupError("the frame has no slot")
    for node in list(body):
        if isinstance(node.tag, str):
            _dress(node)
        slot.addprevious(node)
    slot.getparent().remove(slot)
    return str(etree.tostring(document, encoding="unicode"))


def _dress(section: "etree._Element") -> None:
    """Give the author's section and what is in it our paper, and tables the ``tbody`` an HTML5 parser would add."""
    section.set("css-class", f"{section.get('css-class', '')} paper".strip())
    section.set("background-color", section.get("background-color", "#ffffff"))
    for button in section.iter("mj-button"):
        button.set("css-class", f"{button.get('css-class', '')} btn".strip())
    for table in section.iter("table", "mj-table"):
        if table.find("tr") is not None and table.find("tbody") is None:
            tbody = etree.Element("tbody")
            tbody.extend(list(table))
            table.append(tbody)


def _footer(brand: Brand, purpose: str, lang: str) -> str:
    words = _FOOTER[lang]
    lines = "<br/>".join(escape(line) for line in imprint(brand, lang))
    both = "{% if links.imprint and links.privacy %} · {% endif %}"
    pages = both.join(f"{{% if links.{name} %}}{_link(name, words)}{{% endif %}}" for name in ("imprint", "privacy"))
    legal = f"<p>{lines}</p>{{% if links.imprint or links.privacy %}}<p>{pages}</p>{{% endif %}}"
    if purpose != "marketing":
        return legal
    name = escape(brand.name)
    why = (
        f'{{% if basis == "existing_customer" %}}{words["why_customer"].format(brand=name)}'
        f"{{% else %}}{words['why'].format(brand=name)}{{% endif %}}"
    )
    return f"<p>{why}</p><p>{_link('unsubscribe', words)} · {_link('preferences', words)}</p>{legal}"


def _link(name: str, words: Mapping[str, str]) -> str:
    return f'<a href="{{{{ links.{name} | _link }}}}">{words[name]}</a>'


def _to_html(mjml: str) -> str:
    # No fonts table: mrml would otherwise link Google Fonts. Social icons are not among the allowed tags.
    output = mrml.to_html(mjml, None, mrml.RenderOptions(disable_comments=False, fonts={}))
    # The <style> blocks are meant for clients that read them and stay as they are; only our theme is inlined.
    marked = output.content.replace("<style", '<style data-css-inline="ignore"')
    return str(_inliner().inline(marked)).replace(' data-css-inline="ignore"', "")


@functools.cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        keep_style_tags=True, keep_at_rules=True, load_remote_stylesheets=False, extra_css=_read("theme.css")
    )


@functools.cache
def _read(name: str) -> str:
    return (_FRAME / name).read_text("utf-8")
