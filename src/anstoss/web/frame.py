"""What stands around every page: the phase band, the navigation, the voice of the reader."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from anstoss.pulse.public import Reader, stage_sizes
from anstoss.web.formats import Voice
from anstoss.web.home import first_brand, readers

STYLES = tuple(f"web/{part}.css" for part in ("tokens", "base", "frame", "parts", "charts", "pages", "adapt"))
_BALLS = tuple({"slot": slot, "x": x, "left": x - 33} for slot, x in enumerate((128, 196, 264, 332, 400), 2))

_EVEN = tuple({"slot": slot, "left": (slot - 1) * 1000 / 6, "width": 1000 / 6} for slot in range(1, 7))

MAIN_LIFECYCLE = "shop"
"""The lifecycle of the phase band where there is one of this name; otherwise the first."""


@dataclass(frozen=True)
class Phase:
    """One stage as part of a whole. ``left`` and ``width`` are its place in a band of 1,000."""

    key: str
    name: str
    slot: int
    count: int
    left: float
    width: float


def language() -> str:
    """``de`` or ``en``."""
    return "de" if (get_language() or "").startswith("de") else "en"


def voice_of(reader: Reader) -> Voice:
    """How to write for whom this request comes from."""
    vocabulary = reader.definitions.vocabulary
    return Voice(language(), vocabulary.zone, vocabulary.currency, reader.clock.now())


def main_lifecycle(reader: Reader) -> str:
    """The lifecycle of the phase band, empty when there is none."""
    known = reader.definitions.lifecycles
    return MAIN_LIFECYCLE if MAIN_LIFECYCLE in known else next(iter(known), "")


def phases(reader: Reader, lifecycle: str, counts: dict[str, int]) -> list[Phase]:
    """The stages of a lifecycle in the order of their slots, as wide as they are full; equal when all are empty."""
    found = reader.definitions.lifecycles.get(lifecycle)
    stages = sorted(found.stages, key=lambda stage: stage.slot) if found else []
    total = sum(counts.get(stage.key, 0) for stage in stages)
    band: list[Phase] = []
    left = 0.0
    for stage in stages:
        count = counts.get(stage.key, 0)
        width = 1000 * count / total if total else 1000 / len(stages)
        band.append(Phase(stage.key, stage.name.get(language(), stage.key), stage.slot, count, left, width))
        left += width
    return band


def frame(request: HttpRequest) -> dict[str, Any]:
    """For every template: the band, the instance's name, the voice, and what the look consists of."""
    with readers().reader() as reader:
        brand = first_brand(reader)
        lifecycle = main_lifecycle(reader)
        band = phases(reader, lifecycle, stage_sizes(reader.con).get(lifecycle, {})) if _is_staff(request) else []
        return {
            "band": band,
            "people": sum(phase.count for phase in band),
            "instance": brand.name if brand else "Anstoss",
            "voice": voice_of(reader),
            "styles": STYLES,
            "balls": _BALLS,
            "even": _EVEN,
        }


def _is_staff(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated
