"""What people are shown of a customer: everything known, everything that happened, and what was decided why."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from anstoss.brands.public import Brand, Clock, open_brands
from anstoss.customers.public import Fact, consents_of, normal_address
from anstoss.log.public import Log, contents
from anstoss.pulse.advance import SETTLE
from anstoss.pulse.definitions import Definitions
from anstoss.pulse.people import People
from anstoss.pulse.publishing import in_force
from anstoss.pulse.standing import Person
from anstoss.pulse.tables import check_version
from anstoss.rules.public import measure
from anstoss.store.public import Connection, Home, connect


class UnknownCustomer(LookupError):
    """Nobody is known by this reference."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"no customer is known by {reference!r}; give a user id, an e-mail address or a person number")
        self.reference = reference


@dataclass(frozen=True)
class Happening:
    """One line of a timeline. ``properties`` are as they were sent; ``why`` is what became of a message."""

    at: int
    seq: int
    n: int
    name: str
    brand: str
    origin: str
    properties: dict[str, Any]
    why: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CustomerView:
    """One customer as a whole. Instants are UTC microseconds, money is minor units of ``currency``."""

    person: int
    first_at: int
    profile: dict[str, Any]
    identities: list[str]
    consents: list[dict[str, Any]]
    stages: dict[str, dict[str, Any]]
    segments: dict[str, int]
    metrics: dict[str, dict[str, Any]]
    enrolments: list[dict[str, Any]]
    timeline: list[Happening]
    currency: str


class Reader:
    """Reads customers of a home from ``state.db`` and the log; needs no engine. Every call sees the newest state."""

    def __init__(self, home: Home, clock: Clock) -> None:
        self.home, self.clock = home, clock
        self.con = connect(home.state_db)
        check_version(self.con)
        self.log = Log(home, clock)
        self.brands: dict[str, Brand] = {brand.key: brand for brand in open_brands(home).all()}
        self._definitions: tuple[int, Definitions] | None = None

    def close(self) -> None:
        """Give files back."""
        self.con.close()
        self.log.close()

    @property
    def definitions(self) -> Definitions:
        """The definitions in force."""
        newest = self.con.execute("SELECT coalesce(max(seq), 0) FROM era").fetchone()[0]
        if self._definitions is None or self._definitions[0] != newest:
            self._definitions = (newest, in_force(self.con, self.brands).definitions)
        return self._definitions[1]

    def find(self, reference: str | int) -> int:
        """The person meant by a number, an identity, a user id or an e-mail address; ``UnknownCustomer`` if nobody."""
        text = str(reference).strip()
        folded = normal_address(text)
        keys = [text, f"email:{folded}", *(f"user:{brand.namespace}/{text}" for brand in self.brands.values())]
        keys += [f"anon:{text}", f"phone:{text}"]
        for key in keys:
            row = self.con.execute("SELECT person FROM identity WHERE key = ?", (key,)).fetchone()
            if row:
                return int(row[0])
        if text.isdecimal() and len(text) < 20:
            row = self.con.execute("SELECT person FROM person WHERE person = ?", (int(text),)).fetchone()
            if row:
                return int(row[0])
        raise UnknownCustomer(text)

    def search(self, words: str, limit: int = 50) -> list[int]:
        """Persons whose names, addresses or ids contain all the words; newest first."""
        parts = [f"%{_escaped(word)}%" for word in words.casefold().split()] or ["%"]
        where = " AND ".join("search LIKE ? ESCAPE '\\'" for _ in parts)
        query = f"SELECT person FROM person WHERE {where} ORDER BY first_at DESC LIMIT ?"  # noqa: S608 - marks only
        return [number for (number,) in self.con.execute(query, (*parts, limit)).fetchall()]

    def person(self, number: int) -> Person:
        """A person with profile, standing and history."""
        found = People(self.con).load((number,))
        if not found:
            raise UnknownCustomer(str(number))
        return found[0]

    def view(self, reference: str | int, timeline: int = 1_000) -> CustomerView:
        """One customer as a whole, with the newest lines of her timeline."""
        person = self.person(self.find(reference))
        return CustomerView(
            person=person.number,
            first_at=person.standing.first_at,
            profile=dict(person.profile.readable()),
            identities=list(person.standing.keys),
            consents=self._consents(person),
            stages=self._stages(person),
            segments=dict(sorted(person.standing.segments.items())),
            metrics=self._metrics(person),
            enrolments=self._enrolments(person),
            timeline=self.timeline(person, timeline),
            currency=self.definitions.vocabulary.currency,
        )

    def timeline(self, person: Person, limit: int) -> list[Happening]:
        """What happened, newest first, with the properties as they were sent."""
        facts = person.history.all()[-limit:]
        sent = {row.seq: row for row in self.log.many(sorted({fact.seq for fact in facts if fact.n == 0}))}
        whys = self._whys(person)
        return [self._happening(fact, sent, whys) for fact in reversed(facts)]

    def _happening(self, fact: Fact, sent: dict[int, Any], whys: dict[str, dict[str, Any]]) -> Happening:
        row = sent.get(fact.seq) if fact.n == 0 else None
        properties: dict[str, Any] = dict(fact.props)
        if row is not None:
            payload = contents(row.payload)
            properties = payload.get("properties") or payload.get("traits") or {}
        why = whys.get(str(properties.get("message", "")), {})
        origin = row.origin if row is not None else "engine"
        return Happening(fact.at, fact.seq, fact.n, fact.name, fact.brand, origin, properties, why)

    def _whys(self, person: Person) -> dict[str, dict[str, Any]]:
        query = "SELECT id, state, reason, reason_data, subject FROM message WHERE person = ?"
        rows = self.con.execute(query, (person.number,)).fetchall()
        return {
            ledger: {"state": state, "reason": reason, "data": orjson.loads(data), "subject": subject}
            for ledger, state, reason, data, subject in rows
        }

    def _consents(self, person: Person) -> list[dict[str, Any]]:
        addresses = {key.partition(":")[2] for key in person.standing.keys if key.startswith(("email:", "phone:"))}
        addresses.add(normal_address(person.profile.text("email")))
        return [
            {"address": c.address, "brand": c.brand, "channel": c.channel, "status": c.status, "since": c.at}
            for c in consents_of(self.con, sorted(addresses - {""}))
        ]

    def _stages(self, person: Person) -> dict[str, dict[str, Any]]:
        moves = list(person.history.of("Stage Entered"))
        return {
            lifecycle: {
                "stage": now.stage,
                "since": now.since,
                "history": [
                    {"stage": fact.props["stage"], "since": fact.at, "from": fact.props["from"]}
                    for fact in moves
                    if fact.props["lifecycle"] == lifecycle
                ],
            }
            for lifecycle, now in sorted(person.standing.stages.items())
        }

    def _metrics(self, person: Person) -> dict[str, dict[str, Any]]:
        now = self.clock.now()
        return {
            key: {"value": measure(metric, person.history, now)[0], "unit": metric.unit, "name": dict(metric.name)}
            for key, metric in self.definitions.metrics.items()
        }

    def _enrolments(self, person: Person) -> list[dict[str, Any]]:
        columns = ("entry", "journey", "version", "key", "arm", "step", "started_at", "due", "ended_at", "reason")
        query = f"SELECT {', '.join(columns)} FROM enrolment WHERE person = ? ORDER BY started_at"  # noqa: S608 - names
        return [dict(zip(columns, row, strict=True)) for row in self.con.execute(query, (person.number,)).fetchall()]


def stage_sizes(con: Connection) -> dict[str, dict[str, int]]:
    """How many people stand in each stage, by lifecycle."""
    sizes: dict[str, dict[str, int]] = {}
    rows = con.execute("SELECT lifecycle, stage, count(*) FROM stage GROUP BY lifecycle, stage").fetchall()
    for lifecycle, stage, count in rows:
        sizes.setdefault(lifecycle, {})[stage] = count
    return sizes


def is_settled(con: Connection, log: Log, head: int) -> bool:
    """Whether everything up to a log position is folded, and histories that came with it have their dated stages."""
    position = con.execute("SELECT coalesce(max(position), 0) FROM pulse_beat").fetchone()[0]
    row = log.one(head)
    if position < head or row is None:
        return bool(position >= head)
    query = "SELECT EXISTS (SELECT 1 FROM person WHERE wake_at <= ?)"
    return not con.execute(query, (row.received_at + SETTLE,)).fetchone()[0]


def segment_sizes(con: Connection) -> dict[str, int]:
    """How many members each segment has now."""
    return dict(con.execute("SELECT segment, count(*) FROM membership GROUP BY segment").fetchall())


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
