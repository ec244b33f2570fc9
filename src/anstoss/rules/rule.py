"""A rule, checked and compiled: the value that other rooms hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from anstoss.brands.public import DAY
from anstoss.customers.public import History
from anstoss.rules.evidence import Evidence, Observe, Setting, observing
from anstoss.rules.language import Aggregate, Condition, Metric, Text, Vocabulary, Within, aggregates, fact_names
from anstoss.rules.meaning import Reading, is_span, measuring, reading
from anstoss.rules.parse import parse_rule
from anstoss.rules.selecting import earlier


@dataclass(frozen=True)
class Rule:
    """A question with a yes or no for each person and instant.

    ``depends``: names of facts whose arrival can change the answer. ``test(history, now)`` gives (answer, next flip).
    """

    condition: Condition
    zone: str
    currency: str
    depends: frozenset[str]
    test: Reading
    labels: Mapping[str, Text] = field(default_factory=dict)

    @cached_property
    def observe(self) -> Observe:
        """(history, now) -> evidence."""
        return observing(self.condition, Setting(self.zone, self.currency, self.labels))


@dataclass(frozen=True)
class Verdict:
    """An answer, what it rests on, and the earliest instant at which it can change by time alone (None = never)."""

    holds: bool
    evidence: Evidence
    next_flip: int | None


def compile_rule(body: object, vocabulary: Vocabulary) -> Rule:
    """The rule that ``body`` (YAML or JSON, already loaded) states.

    :raises RuleError: with every problem found.
    """
    condition = parse_rule(body, vocabulary)
    names = fact_names(condition)
    return Rule(condition, vocabulary.zone, vocabulary.currency, names, reading(condition), vocabulary.labels)


def holds(rule: Rule, history: History, now: int) -> Verdict:
    """Whether the rule holds for this history at ``now`` (UTC microseconds), and why."""
    evidence = rule.observe(history, now)
    return Verdict(evidence.holds, evidence, evidence.next_flip)


def measure(metric: Metric, history: History, now: int) -> tuple[Any, int | None]:
    """The metric's value (None without one) and the earliest instant at which it can change by time alone.

    Money in minor units, times in UTC microseconds, days as a number of days of 24 hours. That days since something
    grow all the time is not counted as a change.
    """
    value, facts, soon, _ = _measuring(metric)(history, now)
    window = metric.measure.selection.window if isinstance(metric.measure, Aggregate) else None
    if isinstance(window, Within) and facts:
        soon = earlier(soon, facts[0].at + window.span)
    if value is not None and is_span(metric.measure):
        value = (now - value) / DAY
    return value, soon


def metric_depends(metric: Metric) -> frozenset[str]:
    """Names of facts whose arrival can change the metric."""
    return frozenset(name for part in aggregates(metric.measure) for name in part.selection.names)


def _measuring(metric: Metric) -> Any:
    # Compiled once for each metric object; a metric is frozen, so the result can stay with it.
    compiled = metric.__dict__.get("_compiled")
    if compiled is None:
        compiled = measuring(metric.measure)
        object.__setattr__(metric, "_compiled", compiled)
    return compiled
