"""Template tags: icons, moons and phases of the look, and values written the way the reader's language writes them."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite."""
    return format_html('<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag
def moon(slot: int) -> SafeString:
    """The moon of a phase: how much is lit is how close the customer stands."""
    return format_html('<svg class="moon" viewBox="0 0 16 16" aria-hidden="true"><use href="#m{}"/></svg>', slot)
