"""The definitions in force, era by era, folded from the log."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from anstoss.brands.public import Brand
from anstoss.content.public import TemplateError, TemplateSource, read_source
from anstoss.insight.public import Lifecycle, parse_lifecycle, stage_keys
from anstoss.journeys.public import Journey, parse_journey
from anstoss.rules.public import Metric, Problem, RuleError, Vocabulary, parse_metric
from anstoss.segments.public import Segment, parse_segment, rule_body

KINDS = ("metric", "lifecycle", "segment", "template", "journey")
"""Kinds of definitions, in the order in which they are read: later ones may refer to earlier ones."""

Body = Mapping[str, object]


class DefinitionError(ValueError):
    """A definition that cannot be published; ``problems`` names every place."""

    def __init__(self, kind: str, key: str, problems: list[Problem]) -> None:
        self.kind, self.key, self.problems = kind, key, problems
        super().__init__(f"{kind} {key!r}: " + "; ".join(str(problem) for problem in problems))


def kind_and_key(body: object) -> tuple[str, str]:
    """What a document defines: ``("segment", "drifting-regulars")``; ``DefinitionError`` when it cannot be told."""
    if isinstance(body, dict):
        for kind in ("lifecycle", "segment", "journey"):
            if isinstance(body.get(kind), str):
                return kind, body[kind]
        if isinstance(body.get("key"), str):
            if "compute" in body:
                return "metric", body["key"]
            if "variants" in body:
                return "template", body["key"]
    de = "ein Dokument beginnt mit lifecycle, segment oder journey, oder ist eine Metrik oder Vorlage mit key"
    en = "a document begins with lifecycle, segment or journey, or is a metric or template with a key"
    raise DefinitionError("?", "?", [Problem("", type(body).__name__, de, en)])


@dataclass(frozen=True)
class Ground:
    """What definitions are read against besides each other."""

    currency: str = "EUR"
    zone: str = "Europe/Berlin"


def ground_of(brands: Mapping[str, Brand]) -> Ground:
    """What definitions are read against: currency and zone of the instance's first brand."""
    return Ground(brands[min(brands)].currency, brands[min(brands)].zone) if brands else Ground()


@dataclass(frozen=True)
class Definitions:
    """All definitions of one era, read and ready."""

    vocabulary: Vocabulary
    metrics: Mapping[str, Metric]
    lifecycles: Mapping[str, Lifecycle]
    segments: Mapping[str, Segment]
    journeys: Mapping[str, Journey]
    templates: Mapping[str, tuple[int, TemplateSource]]
    stopped: frozenset[tuple[str, str]]
    """(kind, key) of those that failed at run time: they touch nobody and start nobody."""

    @cached_property
    def live_lifecycles(self) -> list[Lifecycle]:
        """Lifecycles that have not failed."""
        return [each for each in self.lifecycles.values() if ("lifecycle", each.key) not in self.stopped]

    @cached_property
    def live_segments(self) -> list[Segment]:
        """Segments that have not failed."""
        return [each for each in self.segments.values() if ("segment", each.key) not in self.stopped]

    @cached_property
    def touched_by(self) -> dict[str, tuple[list[Lifecycle], list[Segment]]]:
        """By name of fact: which lifecycles and segments its arrival can change."""
        index: dict[str, tuple[list[Lifecycle], list[Segment]]] = {}
        for lifecycle in self.live_lifecycles:
            for name in lifecycle.depends:
                index.setdefault(name, ([], []))[0].append(lifecycle)
        for segment in self.live_segments:
            for name in segment.rule.depends:
                index.setdefault(name, ([], []))[1].append(segment)
        return index

    @cached_property
    def started_by(self) -> dict[str, list[Journey]]:
        """By name of fact: which journeys it can start. A stopped journey starts nobody."""
        index: dict[str, list[Journey]] = {}
        for journey in self.journeys.values():
            if ("journey", journey.key) not in self.stopped:
                for name in journey.trigger.depends:
                    index.setdefault(name, []).append(journey)
        return index


@dataclass(frozen=True)
class Era:
    """What is in force from the log row at ``seq``, received ``at``, until the next era. Read when first needed."""

    seq: int
    at: int
    ground: Ground
    bodies: Mapping[tuple[str, str], tuple[int, Body]] = field(default_factory=dict)
    """(kind, key) to (version, definition)."""
    stopped: frozenset[tuple[str, str, int]] = frozenset()
    """(kind, key, version) that failed at run time and are out of force until published anew."""

    @cached_property
    def definitions(self) -> Definitions:
        """The definitions, ready; ``DefinitionError`` for the first that cannot be read."""
        return _read(self)

    def with_published(self, bodies: Sequence[Body], seq: int, at: int) -> "Era":
        """The era after ``bodies`` were published: a new version of each that differs from what is in force."""
        merged = dict(self.bodies)
        for body in bodies:
            name = kind_and_key(body)
            version, known = merged.get(name, (0, None))
            if known != body:
                merged[name] = (version + 1, body)
        return replace(self, seq=seq, at=at, bodies=merged)

    def with_stopped(self, kind: str, key: str, version: int, place: tuple[int, int]) -> "Era":
        """The era after one definition failed at run time; ``place`` is (seq, at)."""
        return replace(self, seq=place[0], at=place[1], stopped=self.stopped | {(kind, key, version)})


def _read(era: Era) -> Definitions:
    bodies, ground = era.bodies, era.ground

    def of(kind: str) -> Iterator[tuple[str, int, Body]]:
        return ((key, version, body) for (each, key), (version, body) in bodies.items() if each == kind)

    out_of_force = frozenset(
        (kind, key) for kind, key, version in era.stopped if bodies.get((kind, key), (0,))[0] == version
    )
    vocabulary = Vocabulary(currency=ground.currency, zone=ground.zone, labels=_labels(bodies))
    metrics: dict[str, Metric] = {}
    for key, _, body in of("metric"):
        with _named("metric", key):
            metrics[key] = parse_metric(body, replace(vocabulary, metrics=dict(metrics)))
    vocabulary = replace(
        vocabulary,
        metrics=metrics,
        lifecycles={key: stage_keys(body) for key, _, body in of("lifecycle")},
        segments={key: rule_body(body) for key, _, body in of("segment")},
    )
    lifecycles: dict[str, Lifecycle] = {}
    for key, _, body in of("lifecycle"):
        with _named("lifecycle", key):
            lifecycles[key] = parse_lifecycle(body, vocabulary)
    segments: dict[str, Segment] = {}
    for key, _, body in of("segment"):
        with _named("segment", key):
            segments[key] = parse_segment(body, vocabulary)
    templates: dict[str, tuple[int, TemplateSource]] = {}
    for key, version, body in of("template"):
        with _named("template", key):
            templates[key] = (version, read_source(body))
    purposes = {key: source.purpose for key, (_, source) in templates.items()}
    journeys: dict[str, Journey] = {}
    for key, version, body in of("journey"):
        with _named("journey", key):
            journeys[key] = parse_journey(body, version, vocabulary, purposes)
    return Definitions(vocabulary, metrics, lifecycles, segments, journeys, templates, out_of_force)


def _labels(bodies: Mapping[tuple[str, str], tuple[int, Body]]) -> dict[str, Mapping[str, str]]:
    labels: dict[str, Mapping[str, str]] = {}
    for (kind, key), (_, body) in bodies.items():
        name = body.get("name")
        if kind in ("lifecycle", "segment") and isinstance(name, dict):
            labels[key] = name
        if kind == "lifecycle":
            stages = body.get("stages")
            for stage in stages if isinstance(stages, list) else []:
                if isinstance(stage, dict) and isinstance(stage.get("name"), dict):
                    labels[f"{key}/{stage.get('stage')}"] = stage["name"]
    return labels


class _named:  # noqa: N801 - reads as a word where it is used
    """Turns what a room says about a definition into ``DefinitionError`` with its kind and key."""

    def __init__(self, kind: str, key: str) -> None:
        self.kind, self.key = kind, key

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, at: object) -> None:
        if isinstance(error, RuleError):
            raise DefinitionError(self.kind, self.key, error.problems) from error
        if isinstance(error, TemplateError):
            problems = [
                Problem(problem.place, "", problem.message_de, problem.message_en) for problem in error.problems
            ]
            raise DefinitionError(self.kind, self.key, problems) from error


class Eras:
    """Every era so far, in order. Past versions of journeys stay known: enrolments finish in the one they began."""

    def __init__(self, ground: Ground) -> None:
        self._eras: list[Era] = [Era(0, 0, ground)]
        self._seqs: list[int] = [0]
        self._journeys: dict[tuple[str, int], Journey] = {}

    @property
    def now(self) -> Era:
        """The newest era."""
        return self._eras[-1]

    def add(self, era: Era) -> None:
        """A new era begins."""
        self._eras.append(era)
        self._seqs.append(era.seq)

    def at(self, seq: int) -> Era:
        """The era in force for the row at ``seq``."""
        return self._eras[bisect_right(self._seqs, seq) - 1]

    def after(self, seq: int) -> list[Era]:
        """Eras that began after a log position, in order."""
        return self._eras[bisect_right(self._seqs, seq) :]

    def journey(self, key: str, version: int) -> Journey:
        """A journey as it was published in that version."""
        found = self._journeys.get((key, version))
        if found is None:
            era = next(era for era in reversed(self._eras) if era.bodies.get(("journey", key), (0,))[0] == version)
            found = self._journeys[key, version] = era.definitions.journeys[key]
        return found
