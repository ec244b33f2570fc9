"""A segment from its definition."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anstoss.rules.public import Problem, Rule, RuleError, Vocabulary, compile_rule


@dataclass(frozen=True)
class Segment:
    """A saved rule: its key, its name by language, and the rule."""

    key: str
    name: Mapping[str, str]
    rule: Rule


def rule_body(document: object) -> object:
    """The rule in a document: a saved segment's ``rule``, or the document itself when it is a bare rule."""
    return document["rule"] if isinstance(document, dict) and "rule" in document else document


def parse_segment(body: Mapping[str, object], vocabulary: Vocabulary) -> Segment:
    """A segment from its definition, or ``RuleError`` with every problem and its place."""
    problems = [
        Problem(key, body[key], "unbekannter Schlüssel", "unknown key")
        for key in body.keys() - {"segment", "name", "rule"}
    ]
    if "rule" not in body:
        problems.append(Problem("rule", None, "die Regel fehlt", "the rule is missing"))
    name: Any = body.get("name", {})
    if not isinstance(name, dict) or not all(isinstance(text, str) for text in (*name.keys(), *name.values())):
        de, en = "ein Name je Sprache: {de: …, en: …}", "a name for each language: {de: …, en: …}"
        problems.append(Problem("name", name, de, en))
    if problems:
        raise RuleError(problems)
    return Segment(str(body["segment"]), dict(name), compile_rule(body["rule"], vocabulary))
