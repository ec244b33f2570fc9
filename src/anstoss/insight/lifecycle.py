"""Lifecycles as data: an ordered list of stages, of which a person stands in the first whose rule holds.

Guarantees: everybody stands in exactly one stage (the last one is for all others); the stage depends on the facts and
the instant only; ``next_flip`` is the earliest instant at which it can change by time alone, perhaps too early, never
too late.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from anstoss.customers.public import History
from anstoss.rules.public import Problem, Rule, RuleError, Vocabulary, compile_rule

_KEYS = ("lifecycle", "name", "stages")


@dataclass(frozen=True)
class Stage:
    """One stage: its key, its name by language, its colour slot (1 to 6), and its rule (none for the last)."""

    key: str
    name: Mapping[str, str]
    slot: int
    rule: Rule | None


@dataclass(frozen=True)
class Lifecycle:
    """A lifecycle: stages in the order in which they are tried."""

    key: str
    name: Mapping[str, str]
    stages: tuple[Stage, ...]

    @property
    def depends(self) -> frozenset[str]:
        """Names of facts whose arrival can change somebody's stage."""
        return frozenset().union(*(stage.rule.depends for stage in self.stages if stage.rule))

    def stage(self, key: str) -> Stage:
        """The stage with this key."""
        return next(stage for stage in self.stages if stage.key == key)


def standing(lifecycle: Lifecycle, history: History, now: int) -> tuple[Stage, int | None]:
    """Where somebody with these facts stands at ``now``, and when that can change by time alone."""
    flip: int | None = None
    for stage in lifecycle.stages:
        if stage.rule is None:
            return stage, flip
        held, change = stage.rule.test(history, now)
        if change is not None and (flip is None or change < flip):
            flip = change
        if held:
            return stage, flip
    raise AssertionError("the last stage of a lifecycle has no rule")  # held by parse_lifecycle


def evidence(lifecycle: Lifecycle, stage: Stage, history: History, now: int) -> dict[str, Any]:
    """Why somebody stands there, as data: the evidence of the stage's rule, or of all rules that do not hold."""
    asked = [stage] if stage.rule is not None else [each for each in lifecycle.stages if each.rule is not None]
    return {each.key: each.rule.observe(history, now).data() for each in asked if each.rule is not None}


def stage_keys(body: Mapping[str, object]) -> tuple[str, ...]:
    """The stage keys that a lifecycle's definition names, before anything else of it is checked."""
    stages = body.get("stages")
    found = stages if isinstance(stages, list) else []
    return tuple(str(stage["stage"]) for stage in found if isinstance(stage, dict) and "stage" in stage)


def parse_lifecycle(body: Mapping[str, object], vocabulary: Vocabulary) -> Lifecycle:
    """A lifecycle from its definition, or ``RuleError`` with every problem and its place."""
    problems = list(_check(body))
    stages: list[Stage] = []
    written = body.get("stages")
    parts: list[dict[str, Any]] = written if isinstance(written, list) and not problems else []
    for index, part in enumerate(parts):
        rule = None
        if "when" in part:
            try:
                rule = compile_rule(part["when"], vocabulary)
            except RuleError as error:
                place = f"stages[{index}].when"
                problems += [
                    Problem(
                        problem.place.replace("rule", place, 1), problem.value, problem.message_de, problem.message_en
                    )
                    for problem in error.problems
                ]
        stages.append(Stage(str(part["stage"]), _name(part), int(part.get("slot", 1)), rule))
    if problems:
        raise RuleError(problems)
    return Lifecycle(str(body["lifecycle"]), _name(body), tuple(stages))


def _name(part: Mapping[str, object]) -> dict[str, str]:
    name = part.get("name")
    return {str(k): str(v) for k, v in name.items()} if isinstance(name, dict) else {}


def _check(body: Mapping[str, object]) -> Iterator[Problem]:
    for key in sorted(set(body) - set(_KEYS)):
        yield Problem(key, body[key], "unbekannter Schlüssel", "unknown key")
    yield from _check_name(body, "name")
    stages = body.get("stages")
    if not isinstance(stages, list) or not stages:
        yield Problem("stages", stages, "eine Liste von Stufen wird gebraucht", "a list of stages is needed")
        return
    seen: set[str] = set()
    for index, part in enumerate(stages):
        place = f"stages[{index}]"
        if not isinstance(part, dict) or not isinstance(part.get("stage"), str):
            yield Problem(place, part, "jede Stufe braucht einen Schlüssel „stage“", "each stage needs a key 'stage'")
            continue
        for key in part.keys() - {"stage", "name", "slot", "when", "otherwise"}:
            yield Problem(f"{place}.{key}", part[key], "unbekannter Schlüssel", "unknown key")
        yield from _check_name(part, f"{place}.name")
        if part["stage"] in seen:
            yield Problem(f"{place}.stage", part["stage"], "kommt zweimal vor", "stands here twice")
        seen.add(part["stage"])
        is_last = index == len(stages) - 1
        if is_last != ("when" not in part) or ("otherwise" in part and (not is_last or part["otherwise"] is not True)):
            de = "genau die letzte Stufe ist für alle übrigen da (ohne „when“, mit „otherwise: true“)"
            en = "exactly the last stage is for everybody else (without 'when', with 'otherwise: true')"
            yield Problem(place, part["stage"], de, en)
        if part.get("slot", 1) not in (1, 2, 3, 4, 5, 6):
            yield Problem(f"{place}.slot", part["slot"], "1 bis 6", "1 to 6")


def _check_name(part: Mapping[str, object], place: str) -> Iterator[Problem]:
    name = part.get("name", {})
    if not isinstance(name, dict) or not all(isinstance(text, str) for text in (*name.keys(), *name.values())):
        yield Problem(place, name, "ein Name je Sprache: {de: …, en: …}", "a name for each language: {de: …, en: …}")
