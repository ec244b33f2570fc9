"""A segment from its definition."""

from collections.abc import Mapping
from dataclasses import dataclass

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
    if problems:
        raise RuleError(problems)
    name = body.get("name")
    names = {str(lang): str(text) for lang, text in name.items()} if isinstance(name, dict) else {}
    return Segment(str(body["segment"]), names, compile_rule(body["rule"], vocabulary))
