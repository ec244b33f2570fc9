"""The door of the rules' room."""

from anstoss.rules.evidence import Evidence, FactAt
from anstoss.rules.explain import Sentence, explain
from anstoss.rules.language import Metric, Vocabulary
from anstoss.rules.literals import duration
from anstoss.rules.metrics import parse_metric
from anstoss.rules.problems import Problem, RuleError
from anstoss.rules.rule import Rule, Verdict, compile_rule, holds, measure, metric_depends
from anstoss.rules.sql_reading import metric_sql, sql
from anstoss.rules.words import words

__all__ = [
    "Evidence",
    "FactAt",
    "Metric",
    "Problem",
    "Rule",
    "RuleError",
    "Sentence",
    "Verdict",
    "Vocabulary",
    "compile_rule",
    "duration",
    "explain",
    "holds",
    "measure",
    "metric_depends",
    "metric_sql",
    "parse_metric",
    "sql",
    "words",
]
