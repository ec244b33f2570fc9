"""People in journeys: starting, meeting facts, going on, planning messages."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from anstoss.customers.public import Fact, shown_products
from anstoss.delivery.public import Planned
from anstoss.journeys.public import (
    CONTROL,
    Effect,
    Ended,
    Enrolment,
    GoalReached,
    Journey,
    NotStarted,
    SendNow,
    advance_enrolment,
    arm_of,
    end,
    entry_id,
    is_over,
    known_zone,
    matches,
    may_start,
    meet,
    step_of,
)
from anstoss.pulse.definitions import Definitions
from anstoss.pulse.record import Record
from anstoss.pulse.standing import Standing

LANGUAGES = ("de", "en")


class Passage:
    """One person's enrolments. What happens comes back as facts, which are then met like any other."""

    def __init__(self, record: Record) -> None:
        self.record, self.world, self.out = record, record.world, record.out
        self.person, self.standing, self.history = record.person, record.standing, record.history

    def definitions(self) -> Definitions:
        """The definitions of her era."""
        return self.world.eras.at(self.standing.era).definitions

    def start(self, journey: Journey, fact: Fact, sent: dict[str, Any], now: int) -> Iterator[Fact]:
        """Enrol her if the fact is the journey's trigger; one that she may not follow is recorded with its reason.

        ``sent`` is the trigger as it was sent: the context of everything that follows.
        """
        if not self._is_wanted(journey, fact, now):
            return
        key = str(fact.props.get(journey.key_property, "")) if journey.key_property else ""
        running = [each for each in self.standing.enrolments if each.journey == journey.key]
        past = self.standing.starts.get(journey.key, [])
        refused = may_start(journey, key, now, running, past)
        if refused is None and is_over(journey, fact, self.history):
            refused = NotStarted("already_over", {})
        if refused is not None:
            what = {"journey": journey.key, "reason": refused.reason, "key": key, **refused.data}
            yield self.record.do("Journey Not Started", what, now)
            return
        enrolment = Enrolment(
            entry=entry_id(journey.key, fact, key),
            journey=journey.key,
            version=journey.version,
            triggered_at=fact.at,
            started_at=now,
            brand=fact.brand,
            key=key,
            arm=arm_of(self.world.seed, journey, str(self.person.number)),
            cause=(fact.seq, fact.n),
            context=sent,
            goal_until=now + journey.goal.within if journey.goal else None,
        )
        self.standing.enrolments.append(enrolment)
        self.standing.starts[journey.key] = [*past, now]
        what = {"journey": journey.key, "version": journey.version, "entry": enrolment.entry, "arm": enrolment.arm}
        yield self.record.do("Journey Started", what, now)
        yield from self._carry_out(journey, self._steps(journey, enrolment, now), now)
        self._note(enrolment)

    def _is_wanted(self, journey: Journey, fact: Fact, now: int) -> bool:
        # A condition that does not hold is not recorded: it is part of the trigger, and can be asked as of any time.
        try:
            meant = matches(journey.trigger, fact)
            return meant and (journey.condition is None or journey.condition.test(self.history, now)[0])
        except Exception as error:  # a definition that fails stops itself, not the pulse
            self.out.failures.append(("journey", journey.key, journey.version, f"start: {error!r}"))
            return False

    def meet(self, fact: Fact, now: int) -> list[Fact]:
        """Exits, goals and ended waits that a fact brings about."""
        facts: list[Fact] = []
        for enrolment in list(self.standing.enrolments):
            journey = self.world.eras.journey(enrolment.journey, enrolment.version)
            if fact.name not in journey.listens or (fact.seq, fact.n) == enrolment.cause:
                continue
            effects = meet(journey, enrolment, fact, now)
            if effects or enrolment.due == now:
                facts += self._carry_out(journey, effects, now)
                self._note(enrolment)
        return facts

    def go_on(self, enrolment: Enrolment, now: int) -> list[Fact]:
        """The steps that are due."""
        journey = self.world.eras.journey(enrolment.journey, enrolment.version)
        facts = list(self._carry_out(journey, self._steps(journey, enrolment, now), now))
        self._note(enrolment)
        return facts

    def _steps(self, journey: Journey, enrolment: Enrolment, now: int) -> list[Effect]:
        try:
            zone = known_zone(self.person.profile.text("timezone")) or self.world.brand(enrolment.brand).zone
            return advance_enrolment(journey, enrolment, now, self.history, zone)
        except Exception as error:  # a definition that fails stops itself, not the pulse
            step = step_of(journey, enrolment)
            self.out.failures.append(("journey", journey.key, journey.version, f"step {step}: {error!r}"))
            return [end(enrolment, "failed", step, now)]

    def _carry_out(self, journey: Journey, effects: Sequence[Effect], now: int) -> Iterator[Fact]:
        for effect in effects:
            who = {"journey": journey.key, "entry": effect.enrolment.entry}
            if isinstance(effect, SendNow):
                yield from self._plan(journey, effect, now)
            elif isinstance(effect, GoalReached):
                self.out.cancelled.append((effect.enrolment.entry, "goal"))  # also what was planned by the last step
                yield self.record.do("Journey Goal Reached", {**who, "arm": effect.enrolment.arm}, now)
            elif isinstance(effect, Ended):
                if effect.withdraws:
                    self.out.cancelled.append((effect.enrolment.entry, effect.reason))
                what = {**who, "reason": effect.reason, "step": effect.step, "arm": effect.enrolment.arm}
                yield self.record.do("Journey Ended", what, now)

    def _plan(self, journey: Journey, effect: SendNow, now: int) -> Iterator[Fact]:
        enrolment, operation = effect.enrolment, effect.operation
        brand = self.world.brand(enrolment.brand)
        version, _ = self.definitions().templates.get(operation.template, (0, None))
        language = (self.person.profile.text("locale") or self.person.profile.text("language") or brand.locale)[:2]
        message = Planned(
            journey=journey.key,
            step=operation.step,
            entry=enrolment.entry,
            person=self.person.number,
            identity=self.person.identity,
            template=operation.template,
            template_version=version,
            brand=enrolment.brand,
            address=self.record.address(),
            lang=language if language in LANGUAGES else brand.locale[:2],
            planned_at=now,
            not_before=now,
            not_after=now + operation.not_after,
            channel=operation.channel,
            purpose=journey.purpose,
            priority=journey.priority,
            context=orjson.dumps(self._render_context(enrolment)),
            withheld="control_group" if enrolment.arm == CONTROL else "",
        )
        self.out.messages.append(message)
        what = {
            "journey": journey.key,
            "step": operation.step,
            "template": operation.template,
            "channel": operation.channel,
            "message": message.ledger,
        }
        yield self.record.do("Message Planned", what, now)

    def _render_context(self, enrolment: Enrolment) -> dict[str, Any]:
        traits = dict(self.person.profile.readable())
        return {
            "customer": {
                "first_name": traits.get("first_name", ""),
                "last_name": traits.get("last_name", ""),
                "email": self.record.address(),
                "traits": traits,
            },
            "event": enrolment.context,
            "products": shown_products(enrolment.context, self.world.zone(enrolment.brand)),
        }

    def _note(self, enrolment: Enrolment) -> None:
        journey = self.world.eras.journey(enrolment.journey, enrolment.version)
        self.out.enrolments[enrolment.entry] = (self.person.number, enrolment, step_of(journey, enrolment))

    def join(self, other: Standing, now: int) -> list[Fact]:
        """Take over another standing's enrolments. Of two running in one journey the older stays."""
        facts: list[Fact] = []
        for theirs in other.enrolments:
            rival = next((each for each in self.standing.enrolments if _same(each, theirs)), None)
            self.standing.enrolments.append(theirs)
            if rival is not None:
                younger = max(rival, theirs, key=lambda each: (each.started_at, each.entry))
                journey = self.world.eras.journey(younger.journey, younger.version)
                ended = end(younger, "merged", step_of(journey, younger), now)
                facts += self._carry_out(journey, [ended], now)
            self._note(theirs)
            if rival is not None:
                self._note(rival)
        for journey_key, starts in other.starts.items():
            self.standing.starts[journey_key] = sorted([*self.standing.starts.get(journey_key, []), *starts])
        return facts

    def tidy(self) -> None:
        """Forget enrolments that are over and whose goal no longer counts."""
        over = {each.entry for each in self.standing.enrolments if not each.is_running and each.goal_until is None}
        if over:
            self.standing.enrolments = [each for each in self.standing.enrolments if each.entry not in over]


def _same(one: Enrolment, other: Enrolment) -> bool:
    return one.is_running and other.is_running and (one.journey, one.key) == (other.journey, other.key)
