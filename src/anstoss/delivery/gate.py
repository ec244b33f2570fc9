"""The one gate: whether a message may leave, decided from facts at the moment of sending.

Guarantees, for what is promotional (UWG section 7(2) no. 2, GDPR articles 7(3) and 21(3)):

* No message without a consent in force for its address, brand and channel.
* No message past a stop. A stop of the customer's own making ends with a consent that the log holds after it; an
  address that does not work or was erased gets nothing at all.
* Nothing while the fold is more than ``Policy.max_lag`` behind: a withdrawal might not have been read yet.

For every message: not after its ``not_after``, not without an address, not without the sender's imprint.

Everything here is pure; ``facts.py`` reads, ``sender.py`` acts.
"""

import html
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from anstoss.brands.public import HOUR, MINUTE, SECOND, Brand, IncompleteImprint, imprint
from anstoss.content.public import Rendered

EMAIL = re.compile(r"[^\s@<>,;:\"()\\]+@[^\s@<>,;:\"()\\]+\.[^\s@<>,;:\"()\\]+")
FINAL_CAUSES = frozenset({"bounced", "erased"})
"""Stops that nothing lifts and that hold for transactional messages too."""


@dataclass(frozen=True)
class Cap:
    """At most so many promotional messages to one person, over all brands, within so many microseconds."""

    at_most: int
    within: int


@dataclass(frozen=True)
class Policy:
    """The limits of promotional sending. ``quiet`` is (from, until) in minutes of the brand's local day."""

    caps: tuple[Cap, ...] = (Cap(1, 20 * HOUR), Cap(4, 7 * 24 * HOUR))
    quiet: tuple[int, int] | None = None
    max_lag: int = MINUTE

    @property
    def memory(self) -> int:
        """How far back the caps look, in microseconds."""
        return max((cap.within for cap in self.caps), default=0)


@dataclass(frozen=True)
class Consent:
    """The last word on one address, brand and channel, and its position in the log."""

    status: str
    seq: int


@dataclass(frozen=True)
class Stop:
    """Something that forbids an address. ``seq`` is where the log tells of it; none until it has been told."""

    cause: str
    seq: int | None


@dataclass(frozen=True)
class Request:
    """What the gate must know of a message."""

    address: str
    brand: str
    channel: str
    purpose: str
    not_after: int


@dataclass(frozen=True)
class Facts:
    """What is known about the person addressed, at the instant ``now``."""

    now: int
    consent: Consent | None = None
    stops: tuple[Stop, ...] = ()
    recent: tuple[int, ...] = ()
    """When promotional messages were handed over to this person lately, over all brands."""
    lag: int = 0
    zone: str = "Europe/Berlin"


@dataclass(frozen=True)
class Allowed:
    """The message may leave."""


@dataclass(frozen=True)
class Later:
    """The message may not leave now, but perhaps at ``until``."""

    until: int
    code: str
    data: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """The message may not leave, with the reason's code and the facts it rests on."""

    code: str
    data: dict[str, object] = field(default_factory=dict)


Decision = Allowed | Later | Refused
_ALLOWED = Allowed()


def decide(request: Request, facts: Facts, policy: Policy) -> Decision:
    """Whether this message may be sent to this person now."""
    if facts.now > request.not_after:
        return Refused("expired", {"not_after": request.not_after})
    if request.channel == "email" and not EMAIL.fullmatch(request.address):
        return Refused("no_address", {"channel": request.channel})
    promotional = request.purpose != "transactional"
    for stop in facts.stops:
        if stop.cause in FINAL_CAUSES or (promotional and not _lifted(stop, facts.consent)):
            return Refused("stopped", {"cause": stop.cause})
    return _decide_promotional(request, facts, policy) if promotional else _ALLOWED


def _lifted(stop: Stop, consent: Consent | None) -> bool:
    return stop.seq is not None and consent is not None and consent.status == "granted" and consent.seq > stop.seq


def _decide_promotional(request: Request, facts: Facts, policy: Policy) -> Decision:
    if facts.lag > policy.max_lag:
        return Later(facts.now, "fold_lags", {"seconds": facts.lag // SECOND})
    if facts.consent is None or facts.consent.status != "granted":
        code = "consent_missing" if facts.consent is None else "consent_withdrawn"
        return Refused(code, {"channel": request.channel, "brand": request.brand})
    waits = [wait for wait in (_capped(facts, policy), _quiet(facts, policy)) if wait is not None]
    if not waits:
        return _ALLOWED
    longest = max(waits, key=lambda wait: wait.until)
    return longest if longest.until <= request.not_after else Refused(longest.code, longest.data)


def _capped(facts: Facts, policy: Policy) -> Later | None:
    """The cap that holds longest, and the first instant at which it has room again."""
    longest = None
    for cap in policy.caps:
        counted = sorted(at for at in facts.recent if at > facts.now - cap.within)
        if len(counted) < cap.at_most:
            continue
        until = counted[len(counted) - cap.at_most] + cap.within if cap.at_most else facts.now + cap.within
        if longest is None or until > longest.until:
            data: dict[str, object] = {"count": len(counted), "at_most": cap.at_most, "hours": cap.within // HOUR}
            longest = Later(until, "cap", data)
    return longest


def _quiet(facts: Facts, policy: Policy) -> Later | None:
    """The end of the quiet hours, if it is quiet now in the brand's zone."""
    if policy.quiet is None:
        return None
    start, end = policy.quiet
    local = datetime.fromtimestamp(facts.now / SECOND, UTC).astimezone(ZoneInfo(facts.zone))
    minute = local.hour * 60 + local.minute
    quiet = start <= minute < end if start <= end else minute >= start or minute < end
    if not quiet:
        return None
    day = local + timedelta(days=1) if minute >= end else local
    until = day.replace(hour=end // 60 % 24, minute=end % 60, second=0, microsecond=0)
    return Later(int(until.timestamp()) * SECOND, "quiet_hours")


def inspect(purpose: str, rendered: Rendered, brand: Brand, way_out: str) -> Refused | None:
    """Whether the finished message shows who sends it and, when promotional, the way out: in both its parts.

    Section 5 DDG asks for the imprint, section 7(2) no. 3 UWG for a valid address to object to.
    """
    try:
        imprint(brand)
    except IncompleteImprint as incomplete:
        return Refused("imprint_missing", {"missing": ", ".join(incomplete.missing)})
    entity = brand.entity
    for part in (rendered.html, rendered.text):
        absent = [line for line in (entity.name, entity.street, entity.city, entity.email) if not _shows(part, line)]
        if absent:
            return Refused("imprint_missing", {"missing": ", ".join(absent)})
    if purpose == "transactional":
        return None
    absent = [name for name, part in (("html", rendered.html), ("text", rendered.text)) if way_out not in part]
    return Refused("way_out_missing", {"missing": ", ".join(absent)}) if absent else None


def _shows(part: str, line: str) -> bool:
    # Unescaping a whole message comes last: it costs more than everything else here.
    return line in part or html.escape(line, quote=False) in part or line in html.unescape(part)
