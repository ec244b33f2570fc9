"""One message for one person, from a compiled template and the context the outbox row carries."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from anstoss.brands.public import Brand
from anstoss.content.filters import own_hosts, own_image
from anstoss.content.problems import RenderError
from anstoss.content.textpart import tidy
from anstoss.content.vocabulary import VARIABLES

_LONGEST_SUBJECT = 200
# Line breaks and control characters would end a header; direction marks let a name disguise what follows it.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


@dataclass(frozen=True)
class CompiledVariant:
    """The four pieces of one language, as parsed Liquid."""

    lang: str
    subject: BoundTemplate
    preheader: BoundTemplate
    html: BoundTemplate
    text: BoundTemplate


@dataclass(frozen=True)
class Compiled:
    """A template ready to render for one brand. Keep it: making it takes milliseconds, using it a fraction of one."""

    key: str
    purpose: str
    brand: Brand
    variants: Mapping[str, CompiledVariant]

    def variant(self, lang: str) -> CompiledVariant:
        """The variant in ``lang`` (``de`` also for ``de-AT``), else in the brand's language, else the first."""
        for wanted in (lang, self.brand.locale):
            language = wanted.replace("_", "-").split("-")[0].lower()
            if language in self.variants:
                return self.variants[language]
        return next(iter(self.variants.values()))


@dataclass(frozen=True)
class Rendered:
    """What goes into the mail. Subject and preheader are one line of plain text; ``lang`` is the language used."""

    subject: str
    preheader: str
    html: str
    text: str
    lang: str


def render(compiled: Compiled, context: Mapping[str, object], lang: str) -> Rendered:
    """The message for one person. ``context`` holds the variables of docs/reference/templates.md, plus ``basis``.

    ``basis`` is ``existing_customer`` where the message rests on section 7(3) UWG instead of a consent.
    Raises ``RenderError`` if a variable is missing that the template neither tests nor defaults, or a limit is hit.
    """
    variant = compiled.variant(lang)
    scope = _scope(compiled, context)
    try:
        subject = _one_line(variant.subject.render(scope))
        preheader = _one_line(variant.preheader.render(scope))
        scope |= {"_subject": subject, "_preheader": preheader}
        html, text = variant.html.render(scope), tidy(variant.text.render(scope))
    except LiquidError as error:
        raise RenderError(compiled.key, str(error.message)) from error
    except (ArithmeticError, TypeError, ValueError, RecursionError) as error:
        raise RenderError(compiled.key, str(error)[:200]) from error
    if not subject:
        raise RenderError(compiled.key, "the subject is empty")
    return Rendered(subject, preheader, html, text, variant.lang)


def _scope(compiled: Compiled, context: Mapping[str, object]) -> dict[str, object]:
    brand = compiled.brand
    scope = {name: context[name] for name in (*VARIABLES, "basis") if name in context}
    links = context.get("links")
    given = links if isinstance(links, Mapping) else {}
    needed = ("unsubscribe", "preferences") if compiled.purpose == "marketing" else ()
    for name in needed:
        if not given.get(name):
            raise RenderError(compiled.key, f"links.{name} is missing: a marketing mail needs the way out")
    scope["links"] = {"shop": brand.shop_url or brand.base_url, **given}
    scope["brand"] = {"key": brand.key, "name": brand.name}
    scope["products"] = _products(context.get("products"), own_hosts(brand))
    return scope


def _products(products: object, hosts: tuple[str, ...]) -> list[object]:
    """The products, without pictures from foreign hosts: the card then shows text only instead of a broken picture."""
    if not isinstance(products, list | tuple):
        return []
    return [
        {name: value for name, value in product.items() if name != "image" or own_image(value, hosts)}
        for product in products
        if isinstance(product, Mapping)
    ]


def _one_line(text: str) -> str:
    return " ".join(_UNFIT.sub(" ", text).split())[:_LONGEST_SUBJECT].rstrip()
