"""Liquid as we allow it: strict, escaping, with a short list of tags and filters, and limits no template can pass."""

import re
from collections.abc import Iterator

from liquid import Environment, FalsyStrictUndefined
from liquid.exceptions import LiquidError

from anstoss.brands.public import Brand
from anstoss.content.filters import register
from anstoss.content.problems import Problem
from anstoss.content.vocabulary import unknown

HTML_LIMIT = 102 * 1024
"""Bytes of HTML. Gmail cuts a mail off beyond it, and with it imprint and way out."""

TAGS = ("if", "unless", "case", "for", "break", "continue", "assign")
_INNER = ("content", "output", "illegal")  # what Liquid itself registers as "tags" for text and output
_LOOP = re.compile(r"\{%-?\s*for\s+(\w+)\s+in\s+([\w.]+)")


class MailLiquid(Environment):
    """Limits are class attributes in python-liquid. A mail needs a fraction of each."""

    block_nesting_limit = 12
    context_depth_limit = 16
    loop_iteration_limit = 1000
    local_namespace_limit = 64 * 1024
    output_stream_limit = HTML_LIMIT


def environment(brand: Brand, lang: str, *, html: bool) -> MailLiquid:
    """Liquid for one language of one brand; with ``html`` every value is escaped on its way out."""
    env = MailLiquid(undefined=FalsyStrictUndefined, autoescape=html, strict_filters=True)
    env.tags = {name: tag for name, tag in env.tags.items() if name in (*TAGS, *_INNER)}
    register(env, brand, lang)
    return env


def check_liquid(env: MailLiquid, source: str, place: str) -> Iterator[Problem]:
    """Problems in the Liquid of ``source``: broken syntax, unknown tags, filters and variables, with their line."""
    try:
        found = env.from_string(source).analyze(include_partials=False)
    except LiquidError as error:
        start = error.token.start_index if error.token else 0
        detail = str(error.message)
        yield Problem(_at(place, source, start), f"Liquid: {detail}", f"Liquid: {detail}")
        return
    for name, spans in found.filters.items():
        if name not in env.filters or name.startswith("_"):
            at = _at(place, source, spans[0].index)
            yield Problem(at, f"Unbekannter Filter „{name}“.", f"unknown filter {name!r}")
    aliases = dict(_LOOP.findall(source)) | dict.fromkeys((*found.locals, "forloop"), "")
    for variable in (one for many in found.variables.values() for one in many):
        if unknown(list(variable.segments), aliases):
            at = _at(place, source, variable.span.index)
            yield Problem(at, f"Unbekannte Variable „{variable}“.", f"unknown variable {str(variable)!r}")


def _at(place: str, source: str, index: int) -> str:
    return f"{place}:{source.count(chr(10), 0, max(index, 0)) + 1}"
