"""Reading a journey's definition. Every problem is found, with its place."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

from anstoss.brands.public import DAY
from anstoss.journeys.program import (
    Again,
    Branch,
    End,
    Goal,
    Journey,
    Jump,
    Operation,
    Send,
    Wait,
    WaitFor,
    WaitUntil,
)
from anstoss.rules.public import Problem, Rule, RuleError, Vocabulary, compile_rule, duration

PHASES = ("acquisition", "conversion", "growth", "retention", "churn_risk", "reactivation")
CHANNELS = ("email",)
_KEYS = frozenset(
    ("journey", "name", "phase", "start", "key", "again", "leave_on", "goal", "holdout", "purpose", "priority", "steps")
)
_STEP_KINDS = ("wait", "send", "branch", "end")
MAX_STEPS = 200


def parse_journey(
    body: Mapping[str, object], version: int, vocabulary: Vocabulary, templates: Mapping[str, str]
) -> Journey:
    """A journey from its definition, or ``RuleError`` with every problem and its place."""
    reader = _Reader(vocabulary, templates)
    journey = reader.journey(body, version)
    if reader.problems:
        raise RuleError(reader.problems)
    return journey


@dataclass
class _Reader:
    vocabulary: Vocabulary
    templates: Mapping[str, str]
    purpose: Literal["marketing", "transactional"] = "marketing"
    problems: list[Problem] = field(default_factory=list)
    program: list[Operation] = field(default_factory=list)
    step_ids: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)

    def journey(self, body: Mapping[str, Any], version: int) -> Journey:
        self._only(body, _KEYS, "")
        self.purpose = self._purpose(body)
        start = self._mapping(body, "start", frozenset({"on", "where", "if"}), "start")
        asked = {"did": {"event": start.get("on"), **_pick(start, "where")}}
        trigger = self._heard(asked, ("rule.did.event", "start.on"), ("rule.did", "start"))
        condition = self._rule(start["if"], ("rule", "start.if")) if "if" in start else None
        leave_on = self._any_event(body["leave_on"], "leave_on") if "leave_on" in body else None
        goal = self._goal(body["goal"]) if "goal" in body else None
        again = self._again(body["again"]) if "again" in body else None
        steps = body.get("steps")
        if not isinstance(steps, list) or not steps:
            self._say("steps", steps, "mindestens ein Schritt wird gebraucht", "at least one step is needed")
            steps = []
        self._block(steps, "steps")
        self.program.append(End("end", "completed"))
        if len(self.program) > MAX_STEPS:
            self._say("steps", len(self.program), f"höchstens {MAX_STEPS} Schritte", f"at most {MAX_STEPS} steps")
        return Journey(
            key=str(body.get("journey", "")),
            version=version,
            name=self._names(body),
            phase=self._one_of(body, "phase", PHASES, "conversion"),
            trigger=trigger,
            condition=condition,
            key_property=str(body.get("key", "")),
            again=again,
            leave_on=leave_on,
            goal=goal,
            holdout=self._share(body.get("holdout", 0)),
            purpose=self.purpose,
            priority=self._whole(body.get("priority", 50), "priority", 0, 100),
            program=tuple(self.program),
            listens=frozenset(self.events),
        )

    def _block(self, steps: list[Any], place: str) -> None:
        for index, step in enumerate(steps):
            here = f"{place}[{index}]"
            kinds = [kind for kind in _STEP_KINDS if isinstance(step, dict) and kind in step]
            if len(kinds) != 1:
                known = ", ".join(_STEP_KINDS)
                self._say(here, step, f"ein Schritt ist genau eines von: {known}", f"a step is exactly one of: {known}")
                continue
            read: Callable[[dict[str, Any], str], None] = getattr(self, f"_{kinds[0]}")
            read(step, here)

    def _wait(self, step: dict[str, Any], place: str) -> None:
        self._only(step, {"wait", "id"}, place)
        step_id = self._step_id(step, "wait", place)
        what = step["wait"]
        if not isinstance(what, dict):
            self.program.append(Wait(step_id, self._duration(what, f"{place}.wait")))
        elif "until" in what:
            self._only(what, {"until"}, f"{place}.wait")
            self.program.append(WaitUntil(step_id, self._minute(what["until"], f"{place}.wait.until")))
        else:
            self._only(what, {"for", "at_most"}, f"{place}.wait")
            event = self._any_event(what.get("for"), f"{place}.wait.for")
            at_most = self._duration(what.get("at_most"), f"{place}.wait.at_most")
            self.program.append(WaitFor(step_id, event, at_most))

    def _send(self, step: dict[str, Any], place: str) -> None:
        self._only(step, {"send", "id", "channel", "not_after"}, place)
        template = str(step["send"])
        if template not in self.templates:
            known = ", ".join(sorted(self.templates)) or "–"
            self._say(
                f"{place}.send",
                template,
                f"diese Vorlage gibt es nicht; es gibt: {known}",
                f"there is no such template; there are: {known}",
            )
        elif (purpose := self.templates[template]) != self.purpose:
            de = f"der Zweck der Vorlage ist {purpose}, der der Reise {self.purpose}"
            en = f"the template's purpose is {purpose}, the journey's is {self.purpose}"
            self._say(f"{place}.send", template, de, en)
        step_id = self._step_id(step, template, place)
        channel = self._one_of(step, "channel", CHANNELS, "email", place)
        not_after = self._duration(step["not_after"], f"{place}.not_after") if "not_after" in step else DAY
        self.program.append(Send(step_id, template, channel, not_after))

    def _branch(self, step: dict[str, Any], place: str) -> None:
        self._only(step, {"branch", "id"}, place)
        step_id = self._step_id(step, "branch", place)
        arms = step["branch"]
        if not isinstance(arms, list) or not arms:
            self._say(f"{place}.branch", arms, "eine Liste von Armen wird gebraucht", "a list of arms is needed")
            return
        at = len(self.program)
        self.program.append(End(step_id, "placeholder"))
        targets: list[tuple[Rule | None, int]] = []
        jumps: list[int] = []
        for index, arm in enumerate(arms):
            here = f"{place}.branch[{index}]"
            rule = self._arm(arm, here, is_last=index == len(arms) - 1)
            targets.append((rule, len(self.program)))
            steps = arm.get("steps", []) if isinstance(arm, dict) else []
            if not isinstance(steps, list):
                self._say(
                    f"{here}.steps", steps, "eine Liste von Schritten wird gebraucht", "a list of steps is needed"
                )
                steps = []
            self._block(steps, f"{here}.steps")
            jumps.append(len(self.program))
            self.program.append(Jump(0))
        join = len(self.program)
        if targets[-1][0] is not None:
            targets.append((None, join))
        self.program[at] = Branch(step_id, tuple(targets))
        for jump in jumps:
            self.program[jump] = Jump(join)

    def _arm(self, arm: Any, place: str, *, is_last: bool) -> Rule | None:
        if not isinstance(arm, dict) or ("when" in arm) == ("otherwise" in arm):
            de, en = (
                "ein Arm hat entweder „when“ oder „otherwise: true“",
                "an arm has either 'when' or 'otherwise: true'",
            )
            self._say(place, arm, de, en)
            return None
        self._only(arm, {"when", "otherwise", "steps"}, place)
        if "otherwise" in arm:
            if not is_last or arm["otherwise"] is not True:
                de, en = "„otherwise: true“ ist der letzte Arm", "'otherwise: true' is the last arm"
                self._say(f"{place}.otherwise", arm["otherwise"], de, en)
            return None
        return self._rule(arm["when"], ("rule", f"{place}.when"))

    def _end(self, step: dict[str, Any], place: str) -> None:
        self._only(step, {"end", "id"}, place)
        self.program.append(End(self._step_id(step, "end", place), str(step["end"])))

    def _goal(self, body: Any) -> Goal | None:
        if not isinstance(body, dict) or "event" not in body:
            self._say("goal", body, "ein Ziel braucht „event“ und „within“", "a goal needs 'event' and 'within'")
            return None
        self._only(body, {"event", "where", "within"}, "goal")
        return Goal(
            self._any_event(_pick(body, "event", "where"), "goal"), self._duration(body.get("within"), "goal.within")
        )

    def _again(self, body: Any) -> Again | None:
        if not isinstance(body, dict):
            self._say("again", body, "erwartet {after, at_most}", "expected {after, at_most}")
            return None
        self._only(body, {"after", "at_most"}, "again")
        after = self._duration(body["after"], "again.after") if "after" in body else 0
        at_most = self._whole(body["at_most"], "again.at_most", 1, 10_000) if "at_most" in body else None
        return Again(after, at_most)

    def _any_event(self, body: Any, place: str) -> Rule:
        if isinstance(body, list):
            parts = [{"did": self._selection(part, f"{place}[{index}]")} for index, part in enumerate(body)]
            places = [(f"rule.any[{index}].did", f"{place}[{index}]") for index in range(len(body))]
            return self._heard({"any": parts}, *places, ("rule.any", place))
        return self._heard({"did": self._selection(body, place)}, ("rule.did", place))

    def _selection(self, body: Any, place: str) -> dict[str, Any]:
        if isinstance(body, str):
            return {"event": body}
        if not isinstance(body, dict):
            self._say(place, body, "ein Ereignis wird gebraucht", "an event is needed")
            return {"event": "?"}
        self._only(body, {"event", "where"}, place)
        return _pick(body, "event", "where")

    def _heard(self, body: object, *places: tuple[str, str]) -> Rule:
        """A rule about events that the journey listens for."""
        rule = self._rule(body, *places)
        self.events |= rule.depends
        return rule

    def _rule(self, body: object, *places: tuple[str, str]) -> Rule:
        """A rule; ``places`` say where its parts (``rule.did``) stand in the definition, the closest first."""
        try:
            return compile_rule(body, self.vocabulary)
        except RuleError as error:
            for problem in error.problems:
                part, place = next(pair for pair in (*places, ("", "")) if problem.place.startswith(pair[0]))
                self._say(
                    place + problem.place.removeprefix(part), problem.value, problem.message_de, problem.message_en
                )
            return compile_rule({"did": {"event": "?"}}, self.vocabulary)

    def _step_id(self, step: dict[str, Any], wish: str, place: str) -> str:
        given = step.get("id")
        step_id = str(given or wish)
        if given is None and step_id in self.step_ids and "send" not in step:
            step_id = next(f"{wish}-{n}" for n in count(2) if f"{wish}-{n}" not in self.step_ids)
        if step_id in self.step_ids:
            self._say(
                f"{place}.id",
                step_id,
                "diese Schrittkennung gibt es schon; mit „id“ eine eigene geben",
                "this step id is taken; give it one of its own with 'id'",
            )
        self.step_ids.add(step_id)
        return step_id

    def _mapping(self, body: Mapping[str, Any], key: str, known: frozenset[str], place: str) -> dict[str, Any]:
        part = body.get(key)
        if not isinstance(part, dict):
            self._say(place, part, "wird gebraucht", "is needed")
            return {"on": "?"}
        self._only(part, known, place)
        return part

    def _only(self, body: Mapping[str, Any], known: Collection[str], place: str) -> None:
        for key in sorted(set(map(str, body)) - set(known)):
            where = f"{place}.{key}" if place else key
            names = ", ".join(sorted(known))
            self._say(where, key, f"unbekannter Schlüssel; es gibt: {names}", f"unknown key; there are: {names}")

    def _one_of(self, body: Mapping[str, Any], key: str, known: Collection[str], default: str, place: str = "") -> str:
        value = body.get(key, default)
        if value not in known:
            names = ", ".join(known)
            self._say(f"{place}.{key}".lstrip("."), value, f"eines von: {names}", f"one of: {names}")
        return str(value)

    def _purpose(self, body: Mapping[str, Any]) -> Literal["marketing", "transactional"]:
        chosen = self._one_of(body, "purpose", ("marketing", "transactional"), "marketing")
        return "transactional" if chosen == "transactional" else "marketing"

    def _duration(self, value: object, place: str) -> int:
        span = duration(value)
        if span is None:
            self._say(place, value, "eine Dauer wie 30s, 15m, 12h, 7d, 2w", "a duration such as 30s, 15m, 12h, 7d, 2w")
        return span or 0

    def _minute(self, value: object, place: str) -> int:
        hours, _, minutes = str(value).partition(":")
        if hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60:
            return int(hours) * 60 + int(minutes)
        self._say(place, value, "eine Uhrzeit wie 09:00", "a time of day such as 09:00")
        return 0

    def _whole(self, value: object, place: str, low: int, high: int) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self._say(place, value, f"eine ganze Zahl von {low} bis {high}", f"a whole number from {low} to {high}")
        return low

    def _share(self, value: object) -> float:
        text = str(value).strip()
        try:
            share = float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 0.9:
            self._say("holdout", value, "ein Anteil von 0 % bis 90 %", "a share from 0 % to 90 %")
        return share

    def _names(self, body: Mapping[str, Any]) -> dict[str, str]:
        name = body.get("name", {})
        if isinstance(name, dict) and all(isinstance(text, str) for text in (*name.keys(), *name.values())):
            return name
        self._say("name", name, "ein Name je Sprache: {de: …, en: …}", "a name for each language: {de: …, en: …}")
        return {}

    def _say(self, place: str, value: object, de: str, en: str) -> None:
        self.problems.append(Problem(place, value, de, en))


def _pick(body: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: body[key] for key in keys if key in body}
