"""The few template tags: icons, phases, and numbers and instants in the reader's voice."""

from datetime import UTC, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from anstoss.web.formats import Voice

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite; decoration only, a word stands beside it."""
    return _use("i", f"i-{name}")


@register.simple_tag
def phase(slot: int, name: str, kind: str = "") -> SafeString:
    """A phase: its moon and its name; ``kind`` is ``chip`` in heads."""
    moon = _use("moon", f"m{slot or 1}")
    return format_html('<span class="phase {}" data-phase="{}">{}{}</span>', kind, slot or 1, moon, name)


@register.simple_tag(takes_context=True)
def number(context: template.Context, value: float) -> str:
    """A number."""
    return _voice(context).number(value)


@register.simple_tag(takes_context=True)
def measured(context: template.Context, value: float | None, unit: str) -> str:
    """A metric's value."""
    return _voice(context).measured(value, unit)


@register.simple_tag(takes_context=True)
def when(context: template.Context, instant: int, form: str = "moment") -> SafeString:
    """An instant: ``moment``, ``date``, ``time``, ``second`` or ``ago``; exactly in the title and for machines."""
    voice = _voice(context)
    said = {
        "moment": voice.moment,
        "date": voice.short_date,
        "time": voice.time,
        "second": voice.second,
        "ago": voice.ago,
    }[form](instant)
    exact = datetime.fromtimestamp(instant // 1_000_000, UTC).isoformat()
    return format_html('<time datetime="{}" title="{}">{}</time>', exact, voice.moment(instant), said)


@register.filter
def initials(name: str) -> str:
    """The first letters of the first two words."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def _use(kind: str, symbol: str) -> SafeString:
    sprite = static("web/icons.svg")
    return format_html(
        '<svg class="{}" viewBox="0 0 16 16" aria-hidden="true"><use href="{}#{}"/></svg>', kind, sprite, symbol
    )


def _voice(context: Any) -> Voice:
    voice: Voice = context["voice"]
    return voice
