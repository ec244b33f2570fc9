"""The instance that the simulated shop runs on: its brand, its source, and everything of the playbook in force."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from anstoss.brands.public import SECOND, Clock, open_brands
from anstoss.content.public import playbook as templates
from anstoss.demo.brand import FERNWALD, WEBSITE
from anstoss.journeys.public import playbook as journeys
from anstoss.log.public import Log
from anstoss.pulse.public import publish, starting_definitions
from anstoss.segments.public import segment_presets
from anstoss.store.public import Home


def open_shop(home: Home, base_url: str) -> str:
    """Make the home and register brand and source; returns the source's write key.

    Links in messages lead to ``base_url``. What exists is kept; the write key is a new one each time.
    """
    home.create()
    brands = open_brands(home)
    brands.add_brand(replace(FERNWALD, base_url=base_url))
    return brands.add_source(WEBSITE)


def put_in_force(home: Home, log: Log, clock: Clock) -> None:
    """Publish what the shop works with from now on."""
    publish(home, log, clock, list(_definitions()))


def evening(at: int, *, later: bool) -> int:
    """Half past six in the shop's zone, when it becomes busy: the last one before ``at``, or the next one."""
    moment = datetime.fromtimestamp(at // SECOND, UTC).astimezone(ZoneInfo(FERNWALD.zone))
    found = moment.replace(hour=18, minute=30, second=0)
    if later and found < moment:
        found += timedelta(days=1)
    elif not later and found > moment:
        found -= timedelta(days=1)
    return int(found.timestamp()) * SECOND


def _definitions() -> Iterator[Mapping[str, object]]:
    yield from starting_definitions()
    yield from segment_presets().values()
    yield from (asdict(template) for template in templates().values())
    yield from journeys().values()
