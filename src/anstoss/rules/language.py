"""The parts of a rule once it has been checked: plain frozen values that both readings and the words are made from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Text: TypeAlias = Mapping[str, str]
"""The same text by language (``de``, ``en``)."""

TRAITS_SET = "Traits Set"
STAGE_ENTERED = "Stage Entered"
SCORES_SET = "Scores Set"
CONSENT_GRANTED = "Consent Granted"
CONSENT_WITHDRAWN = "Consent Withdrawn"


WITHOUT_ITEMS = frozenset(
    {"Product Clicked", "Product Viewed", "Product Added", "Product Removed", "Product Reviewed", "Product Shared"}
    | {"Product Added to Wishlist", "Product Removed from Wishlist", "Wishlist Product Added to Cart"}
    | {"Products Searched", "Page Viewed", "Screen Viewed", "Group Joined", TRAITS_SET, STAGE_ENTERED, SCORES_SET}
    | {CONSENT_GRANTED, CONSENT_WITHDRAWN, "Message Handed", "Message Sent", "Email Delivered", "Email Opened"}
    | {"Email Link Clicked", "Email Bounced", "Email Marked as Spam", "Unsubscribed"}
)
"""Events about one product or none: their facts are not searched for items, which most rules profit from."""


class Kind(StrEnum):
    """What a value can be compared with."""

    ANY = "any"
    """Text, number or yes/no, as it came."""
    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    """Integer minor units."""
    TIME = "time"
    """An instant, UTC microseconds."""
    DAYS = "days"
    """A span of time: compared in microseconds, written and shown in days."""


@dataclass(frozen=True, slots=True)
class Key:
    """A property by name, and what it holds. A value of another kind counts as missing."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Instant:
    """A fixed instant, UTC microseconds."""

    at: int


@dataclass(frozen=True, slots=True)
class Ago:
    """The instant ``span`` microseconds before now."""

    span: int


@dataclass(frozen=True, slots=True)
class Test:
    """What is asked of a value. ``value`` is in the form of the facts, ``written`` as the author wrote it."""

    op: str
    value: object
    written: object = field(compare=False)

    __test__ = False  # not a test case of pytest

    @property
    def moves(self) -> bool:
        """Whether the answer for a fixed value can change by time alone."""
        return isinstance(self.value, Ago)


Tests: TypeAlias = tuple[Test, ...]
"""All of them must pass."""


@dataclass(frozen=True, slots=True)
class Where:
    """A property of the event, or of one of its items, must pass."""

    key: Key
    tests: Tests

    @property
    def moves(self) -> bool:
        """Whether the answer for a fixed fact can change by time alone."""
        return any(test.moves for test in self.tests)


@dataclass(frozen=True, slots=True)
class Within:
    """The last ``span`` microseconds: now - span < at <= now."""

    span: int
    written: str


@dataclass(frozen=True, slots=True)
class Between:
    """From ``start`` (inclusive) to ``end`` (exclusive), UTC microseconds; as written for the words."""

    start: int
    end: int
    written: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Selection:
    """Facts of these names, in this window, with an item (or, without items, an event) that passes every ``where``."""

    names: tuple[str, ...]
    where: tuple[Where, ...] = ()
    window: Within | Between | None = None

    @property
    def has_items(self) -> bool:
        """Whether the items of its facts are looked at."""
        return not WITHOUT_ITEMS.issuperset(self.names)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One value from the selected facts.

    ``how``: count, distinct, sum, average, smallest, largest, first_at, last_at, days_since_first, days_since_last,
    last_value. ``of`` is the property, for those that need one.
    """

    how: str
    selection: Selection
    of: Key | None = None


SPANS = ("days_since_first", "days_since_last")
"""Aggregates that grow by time alone: their value is a span in microseconds, shown in days."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """One number divided by another; no value when either has none or the lower one is 0."""

    top: Aggregate
    bottom: Aggregate


Measure: TypeAlias = Aggregate | Ratio


@dataclass(frozen=True)
class Metric:
    """A measure with a name. ``unit``: count, money (minor units), days, share, number, time or text."""

    key: str
    name: Text
    unit: str
    measure: Measure

    @property
    def kind(self) -> Kind:
        """What its value can be compared with."""
        if isinstance(self.measure, Aggregate) and self.measure.how in SPANS:
            return Kind.DAYS
        return {"money": Kind.MONEY, "time": Kind.TIME, "text": Kind.TEXT}.get(self.unit, Kind.NUMBER)


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Segment:
    """Another saved rule, inlined."""

    key: str
    part: "Condition"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where somebody stands in a lifecycle; ``part`` is the same said in checks."""

    lifecycle: str
    stages: tuple[str, ...]
    for_at_least: Within | None
    part: "Condition"


@dataclass(frozen=True, slots=True)
class Check:
    """A measure passes every test."""

    measure: Measure
    tests: Tests
    kind: Kind = Kind.NUMBER
    metric: Metric | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a sequence."""

    names: tuple[str, ...]
    where: tuple[Where, ...] = ()


@dataclass(frozen=True, slots=True)
class Sequence:
    """Steps in the order of facts, the last less than ``within`` after the first, all of them in ``in_last``."""

    steps: tuple[Step, ...]
    within: Within
    in_last: Within | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """The last word on a channel: granted, withdrawn or none.

    Without ``brand``: granted if the last word is so for at least one brand, else withdrawn if it is so for one.
    """

    channel: str
    brand: str | None
    status: str


Condition: TypeAlias = All | AnyOf | Not | Segment | Stage | Check | Sequence | Consent


@dataclass(frozen=True)
class Vocabulary:
    """What rules can refer to, and how they read money and dates.

    ``segments`` holds rule bodies; ``zone`` is where a date without a time begins at midnight; ``labels`` names
    lifecycles (``shop``), stages (``shop/retention``) and segments for people, optional.
    """

    metrics: Mapping[str, Metric] = field(default_factory=dict)
    lifecycles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    segments: Mapping[str, object] = field(default_factory=dict)
    currency: str = "EUR"
    zone: str = "Europe/Berlin"
    labels: Mapping[str, Text] = field(default_factory=dict)


def aggregates(measure: Measure) -> tuple[Aggregate, ...]:
    """The aggregates that a measure is made of."""
    return (measure.top, measure.bottom) if isinstance(measure, Ratio) else (measure,)


def leaves(condition: Condition) -> Iterator[Check | Sequence | Consent]:
    """The conditions that look at facts, in the order they are written."""
    match condition:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part) | Segment(_, part) | Stage(part=part):
            yield from leaves(part)
        case _:
            yield condition


def fact_names(condition: Condition) -> frozenset[str]:
    """Names of the facts whose arrival can change the answer."""
    names: set[str] = set()
    for leaf in leaves(condition):
        match leaf:
            case Check(measure):
                names.update(name for part in aggregates(measure) for name in part.selection.names)
            case Sequence(steps):
                names.update(name for step in steps for name in step.names)
            case Consent():
                names.update((CONSENT_GRANTED, CONSENT_WITHDRAWN))
    return frozenset(names)
