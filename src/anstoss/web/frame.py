"""What every page shows around its content: navigation, the phase band, whose instance it is."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from anstoss.pulse.public import Reader, stage_sizes
from anstoss.web.home import first_brand, readers
from anstoss.web.wording import language, number

LIFECYCLE = "shop"
"""The lifecycle whose phases the band on top of every page shows."""
SHEETS = [f"web/{name}.css" for name in ("tokens", "base", "frame", "parts", "charts", "adapt", "pages")]


@dataclass(frozen=True)
class BandPart:
    """One colour of a phase band, in thousandths of its width."""

    slot: int
    x: float
    width: float


@dataclass(frozen=True)
class Band:
    """A phase band: its colours and what it says in words."""

    parts: list[BandPart]
    label: str


@dataclass(frozen=True)
class Phase:
    """A stage of the lifecycle and how many people stand in it."""

    key: str
    name: str
    slot: int
    count: int


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context of every page. Only who is logged in is shown numbers."""
    context: dict[str, Any] = {"sheets": SHEETS, "even_band": band([(slot, 1) for slot in range(1, 7)], "")}
    with readers().reader() as reader:
        brand = first_brand(reader)
        context["brand_name"] = brand.name if brand else ""
        if getattr(request, "user", None) and request.user.is_authenticated:
            context["phase_band"] = phase_band(phases(reader, LIFECYCLE))
            context["navigation"] = _navigation(request.path)
    return context


def phases(reader: Reader, lifecycle: str) -> list[Phase]:
    """The stages of a lifecycle from the first to the last slot, with the number of people in each."""
    found = reader.definitions.lifecycles.get(lifecycle)
    sizes = stage_sizes(reader.con).get(lifecycle, {})
    stages = sorted(found.stages, key=lambda stage: stage.slot) if found else []
    lang = language()
    return [Phase(s.key, s.name.get(lang, s.key), s.slot, sizes.get(s.key, 0)) for s in stages]


def phase_band(of: list[Phase]) -> Band:
    """The band of everybody."""
    words = ", ".join(f"{phase.name} {number(phase.count)}" for phase in of)
    shares = [(phase.slot, phase.count) for phase in of]
    label = _("All people by phase: %(phases)s") % {"phases": words}
    return band(shares if any(count for _slot, count in shares) else [(slot, 1) for slot, _count in shares], label)


def band(shares: list[tuple[int, int]], label: str) -> Band:
    """A band whose colours are as wide as their shares."""
    total = sum(share for _slot, share in shares) or 1
    parts, x = [], 0.0
    for slot, share in shares:
        width = 1000 * share / total
        parts.append(BandPart(slot, round(x, 2), round(width, 2)))
        x += width
    return Band(parts, label)


def _navigation(path: str) -> list[dict[str, Any]]:
    items = [
        ("overview", _("Overview"), "home"),
        ("customers", _("Customers"), "people"),
        ("mailbox", _("Mailbox"), "mail"),
        ("events", _("Events"), "send"),
    ]
    return [
        {
            "url": (url := reverse(key)),
            "name": name,
            "icon": image,
            "here": path == url or (url != "/" and path.startswith(url)),
        }
        for key, name, image in items
    ]
