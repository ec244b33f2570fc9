"""Taking one person from one instant to another. What the pulse means is in this module.

Order of what happens at one instant: arrivals, then changes by time alone (stages, segments), then steps of journeys;
exits and goals come before steps, because a fact is met before any step runs. What the engine does is a fact again and
is met in the same instant.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from anstoss.brands.public import SECOND
from anstoss.customers.public import CONSENT_EVENTS, Fact, consent_change, fact_of, payload_of, section, settle_order
from anstoss.insight.public import Lifecycle, evidence, standing
from anstoss.log.public import Event
from anstoss.pulse.definitions import Definitions, Era
from anstoss.pulse.outcome import Outcome
from anstoss.pulse.passage import Passage
from anstoss.pulse.record import OWN_FACTS, Record, World
from anstoss.pulse.settling import settle_stages
from anstoss.pulse.standing import Person, StageNow
from anstoss.segments.public import Segment

SETTLE = 2 * SECOND
"""History that is brought in (rows that are not live) settles this long after its last row."""
MAX_CASCADE = 1_000
"""So many facts may follow from one before the pulse takes it for definitions that feed each other."""
_OUTCOMES: dict[str, Literal["sent_before_restore", "not_sent"]] = {
    "Message Handed": "sent_before_restore",  # told to the outbox, which knows better unless it was restored
    "Message Not Sent": "not_sent",
}


def advance(
    person: Person, arrivals: Sequence[Event], until: int, world: World, out: Outcome, *, before: int | None = None
) -> None:
    """Take a person through her rows and through all that time alone changes before ``until`` (exclusive).

    ``before`` is the log position of the row that is to come, if one at ``until`` is: eras that began before it, at
    that very instant, belong to her past too.
    """
    _Advance(person, world, out).run(arrivals, until, before or 0)


def absorb(survivor: Person, other: Person, now: int, world: World, out: Outcome) -> None:
    """Join a person who turned out to be the same: nothing restarts, nothing is sent, stages and segments are redone.

    The same journey twice: the older entry stays, the other ends as merged.
    """
    _Advance(survivor, world, out).absorb(other, now)


class _Advance:
    def __init__(self, person: Person, world: World, out: Outcome) -> None:
        self.record = Record(person, world, out)
        self.passage = Passage(self.record)
        self.person, self.standing, self.history = person, person.standing, person.history
        self.world, self.out = world, out
        self.era: Era = world.eras.at(person.standing.era)
        self.sent: dict[str, Any] = {}
        self.sent_as: tuple[int, int] = (0, 0)

    @property
    def defs(self) -> Definitions:
        return self.era.definitions

    def run(self, arrivals: Sequence[Event], until: int, before: int) -> None:
        news = deque(self.world.eras.after(self.standing.era))
        for event in arrivals:
            while news and news[0].seq < event.seq:
                self._enter(news.popleft())
            self._pass_time(event.received_at)
            self._arrive(event)
        while news and (news[0].at < until or news[0].seq < before):
            self._enter(news.popleft())
        self._pass_time(until)

    def absorb(self, other: Person, now: int) -> None:
        mine, theirs = self.standing, other.standing
        self.person.profile.absorb(other.profile)
        for fact in other.history.all():
            self.history.add(fact)
        mine.keys = list(dict.fromkeys([*mine.keys, *theirs.keys]))
        mine.first_at = min(mine.first_at, theirs.first_at)
        if theirs.last_seq > mine.last_seq:
            mine.last_seq, mine.n = theirs.last_seq, theirs.n
        for segment in theirs.segments:
            self.out.members[theirs.person, segment] = None
        for lifecycle in theirs.stages:
            self.out.stages[theirs.person, lifecycle] = None
        self.out.moves.append((mine.person, theirs.person))
        self.out.rewritten.add(mine.person)
        ended = self.passage.join(theirs, now)
        self._settle(now)
        self._follow(ended, now, live=False)
        self.passage.tidy()

    def _pass_time(self, until: int) -> None:
        while (wake := self.standing.wakes_at()) is not None and wake < until:
            self._wake(wake)

    def _wake(self, now: int) -> None:
        if self.standing.settle_at is not None and self.standing.settle_at <= now:
            self._settle(now)
        due = sorted(name for name, flip in self.standing.flips.items() if flip <= now)
        if due:
            self._follow(list(self._revisit(due, now)), now, live=True)
        for enrolment in sorted(self.standing.enrolments, key=lambda each: (each.due or 0, each.journey, each.entry)):
            if enrolment.is_running and enrolment.due is not None and enrolment.due <= now:
                self._follow(self.passage.go_on(enrolment, now), now, live=True)
            elif not enrolment.is_running and (enrolment.goal_until or 0) <= now:
                enrolment.goal_until = None
        self.passage.tidy()

    def _revisit(self, names: Sequence[str], now: int) -> Iterator[Fact]:
        for name in names:
            del self.standing.flips[name]
            kind, _, key = name.partition(":")
            if kind == "stage" and key in self.defs.lifecycles:
                yield from self._place(self.defs.lifecycles[key], now, live=True)
            elif kind == "segment" and key in self.defs.segments:
                yield from self._admit(self.defs.segments[key], now, live=True)

    def _enter(self, era: Era) -> None:
        """A new era: everything is asked again, silently, so that publishing a definition mails nobody."""
        self._pass_time(era.at)
        self.era = era
        self.standing.era = era.seq
        for key in [key for key in self.standing.segments if key not in self.defs.segments]:
            del self.standing.segments[key]
            self.out.members[self.person.number, key] = None
        self.standing.flips.clear()
        if self.standing.settle_at is None:
            self._ask_everything(era.at, live=False)

    def _arrive(self, event: Event) -> None:
        now, first = event.received_at, not self.standing.last_seq
        if self.standing.settle_at is not None and event.live:
            self._settle(now)
        self.standing.last_seq, self.standing.n = event.seq, 0
        try:
            fact = self._fold(event)
        except Exception as error:  # one row that nobody foresaw must not end the pulse for everybody
            self.out.unfolded.append((event.seq, repr(error)))
            fact = None
        if fact is not None:
            self.record.keep(fact)
        if not event.live:
            self.standing.settle_at = now + SETTLE
        elif first:
            self._ask_everything(now, live=True)
        if fact is not None:
            self._follow([fact], now, live=event.live)
        self.passage.tidy()

    def _fold(self, event: Event) -> Fact | None:
        payload = payload_of(event)
        zone = self.world.zone(event.brand)
        if event.type == "identify":
            news = self.person.profile.learn(section(payload, "traits"), event.occurred_at, event.seq, zone.minor)
            if not news:
                return None
            day, hour = zone.local(event.occurred_at)
            return Fact(event.occurred_at, event.seq, 0, "Traits Set", event.brand, day, hour, news, [])
        fact = fact_of(event, payload, zone)
        if fact is not None and event.origin == "outside" and fact.name in OWN_FACTS:
            return None
        if fact is not None and fact.name.startswith("Order "):
            fact = settle_order(fact, self.history)
        if fact is None:
            return None
        self.sent, self.sent_as = section(payload, "properties"), (fact.seq, fact.n)
        if fact.name in _OUTCOMES and self.sent.get("message"):
            self.out.recalled.append((str(self.sent["message"]), _OUTCOMES[fact.name], fact.at))
        if fact.name in CONSENT_EVENTS:
            change = consent_change(fact, self.sent, self.record.address())
            if change is not None:
                self.out.consents.append(change)
        return fact

    def _settle(self, now: int) -> None:
        self.standing.settle_at = None
        for lifecycle in self.defs.live_lifecycles:
            settle_stages(self.record, lifecycle, now)
        self._ask_everything(now, live=False)

    def _follow(self, facts: Iterable[Fact], now: int, *, live: bool) -> None:
        queue, met = deque(facts), 0
        while queue:
            met += 1
            if met > MAX_CASCADE:
                self._stop_cascade(queue[0])
                return
            fact = queue.popleft()
            if self.standing.enrolments:
                queue.extend(self.passage.meet(fact, now))
            if self.standing.settle_at is None:
                lifecycles, segments = self.defs.touched_by.get(fact.name, ((), ()))
                for lifecycle in lifecycles:
                    queue.extend(self._place(lifecycle, now, live=live))
                for segment in segments:
                    queue.extend(self._admit(segment, now, live=live))
            if live:
                for journey in self.defs.started_by.get(fact.name, ()):
                    sent = self.sent if (fact.seq, fact.n) == self.sent_as else dict(fact.props)
                    queue.extend(self.passage.start(journey, fact, sent, now))

    def _stop_cascade(self, fact: Fact) -> None:
        # Definitions feed each other without end; the one that is just speaking is as good as any to break the circle.
        for kind in ("journey", "segment", "lifecycle"):
            key = str(fact.props.get(kind, ""))
            if (kind, key) in self.era.bodies:
                self._failed(kind, key, RecursionError(f"more than {MAX_CASCADE} facts follow from one"))
                return

    def _place(self, lifecycle: Lifecycle, now: int, *, live: bool) -> tuple[Fact, ...]:
        try:
            stage, flip = standing(lifecycle, self.history, now)
        except Exception as error:  # a definition that fails stops itself, not the pulse
            self._failed("lifecycle", lifecycle.key, error)
            return ()
        self._set_flip(f"stage:{lifecycle.key}", flip)
        before = self.standing.stages.get(lifecycle.key)
        if before is not None and before.stage == stage.key:
            return ()
        self.standing.stages[lifecycle.key] = StageNow(stage.key, now)
        self.out.stages[self.person.number, lifecycle.key] = (stage.key, now)
        what = {"lifecycle": lifecycle.key, "stage": stage.key, "from": before.stage if before else ""}
        why = evidence(lifecycle, stage, self.history, now)
        return (self.record.do("Stage Entered", what, now, live=live, why=why),)

    def _admit(self, segment: Segment, now: int, *, live: bool) -> tuple[Fact, ...]:
        try:
            holds, flip = segment.rule.test(self.history, now)
        except Exception as error:  # a definition that fails stops itself, not the pulse
            self._failed("segment", segment.key, error)
            return ()
        self._set_flip(f"segment:{segment.key}", flip)
        if holds == (segment.key in self.standing.segments):
            return ()
        if holds:
            self.standing.segments[segment.key] = now
        else:
            del self.standing.segments[segment.key]
        self.out.members[self.person.number, segment.key] = now if holds else None
        name = "Segment Entered" if holds else "Segment Left"
        why = segment.rule.observe(self.history, now).data()
        return (self.record.do(name, {"segment": segment.key}, now, live=live, why=why),)

    def _ask_everything(self, now: int, *, live: bool) -> None:
        facts: list[Fact] = []
        for lifecycle in self.defs.live_lifecycles:
            facts += self._place(lifecycle, now, live=live)
        for segment in self.defs.live_segments:
            facts += self._admit(segment, now, live=live)
        self._follow(facts, now, live=live)

    def _set_flip(self, name: str, flip: int | None) -> None:
        if flip is None:
            self.standing.flips.pop(name, None)
        else:
            self.standing.flips[name] = flip

    def _failed(self, kind: str, key: str, error: Exception) -> None:
        version = self.era.bodies[kind, key][0]
        self.out.failures.append((kind, key, version, repr(error)))
