"""The pulse over a home: reads the log, advances people, writes what came of it, and logs what it did.

Exactly once: everything a batch brings about is committed to ``state.db`` together with the log position. What the
engine did waits in ``untold`` in the same transaction and is then put into the log, where its message ids make a
second attempt harmless.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson
import structlog

from anstoss.brands.public import Brand, Clock, open_brands
from anstoss.customers.public import Resolution, kind_of, payload_of, resolve
from anstoss.log.public import Event, Log, NewEvent
from anstoss.pulse import tables
from anstoss.pulse.advance import absorb, advance
from anstoss.pulse.definitions import DefinitionError, Era, Eras, Ground, ground_of
from anstoss.pulse.outcome import Outcome
from anstoss.pulse.people import People
from anstoss.pulse.record import ENGINE, World
from anstoss.pulse.standing import Person, Standing
from anstoss.store.public import Home, connect, transaction

BATCH = 1_000
"""Rows folded in one transaction: enough to share its cost, few enough not to hold up other writers."""
BEAT_EVERY = 1.0
"""Real seconds between two times that an idle pulse says that it has caught up."""

_log = structlog.get_logger("anstoss.pulse")


@dataclass
class _Batch:
    """Rows of people that are being advanced together. ``people`` are those to write down."""

    out: Outcome = field(default_factory=Outcome)
    rows: dict[int, list[Event]] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    eras: list[tuple[Era, bytes]] = field(default_factory=list)


class Pulse:
    """The one that advances people of a home. Only one may run at a time: the caller holds the engine lock.

    ``bulk`` gives up syncing and large-scale fairness for speed; for filling a demo before anything else runs.
    """

    def __init__(self, home: Home, log: Log, clock: Clock, *, bulk: bool = False, batch: int = BATCH) -> None:
        self._home, self.log, self.clock = home, log, clock
        self._batch_size = batch
        self._gate = home.gate("state")
        self.con = connect(home.state_db, durable=False)
        if bulk:
            self.con.execute("PRAGMA synchronous=OFF")
        with transaction(self.con, self._gate):
            tables.create_tables(self.con)
        self._brands = open_brands(home)
        self.world = World(self._load_eras(ground_of(self._known_brands())), self._known_brands, home.secret())
        self.people = People(self.con)
        self.position = tables.position(self.con)
        self._written_position, self._beat_at = self.position, 0
        self._stopping: set[tuple[str, str, int]] = set()
        self._tell_log()

    def step(self) -> bool:
        """Fold the next rows and do what is due; false when there was nothing to do."""
        horizon = self.log.horizon() if self._something_is_due() else 0
        rows = self.log.read(self.position, self._batch_size)
        if rows:
            until = rows[-1].received_at if len(rows) == self._batch_size else max(horizon, rows[-1].received_at)
            self._fold(rows, until)
        did = bool(rows)
        if horizon and len(rows) < self._batch_size:
            did = self._do_due(max(horizon, rows[-1].received_at if rows else 0)) or did
        if not did:
            did = self._sweep()
        if not did:
            self._say_caught_up()
        return did

    def catch_up(self) -> None:
        """Go on until nothing is left to do now."""
        while self.step():
            pass

    def wakes_at(self) -> int | None:
        """The next instant at which time alone changes something for somebody."""
        return self.con.execute("SELECT min(wake_at) FROM person WHERE wake_at IS NOT NULL").fetchone()[0]  # type: ignore[no-any-return]

    def close(self) -> None:
        """Write down the position and give files back."""
        if self.position != self._written_position:
            self._say_caught_up(force=True)
        self.con.close()
        self._gate.close()

    # -- one batch --------------------------------------------------------------------------------------------------

    def _fold(self, rows: Sequence[Event], until: int) -> None:
        batch = _Batch()
        self.people.prepare(key for row in rows if row.origin != ENGINE for key in _keys(row))
        for row in rows:
            if row.origin == ENGINE:
                continue
            if row.type == "definition":
                self._enter_era(row, batch)
            elif row.identity:
                self._assign(row, batch)
        for number, arrivals in batch.rows.items():
            advance(self.people.get(number), arrivals, until, self.world, batch.out)
        self.position = rows[-1].seq
        if batch.people or batch.eras:
            self._commit(batch)

    def _assign(self, row: Event, batch: _Batch) -> None:
        resolution = resolve(_keys(row), self.people, force=row.type == "alias")
        if resolution.is_new:
            era = self.world.eras.at(row.seq)
            standing = Standing(resolution.person, row.seq, row.occurred_at, row.brand, era=era.seq)
            self.people.create(standing)
        for survivor, absorbed in resolution.merge:
            self._merge(survivor, absorbed, row, batch)
        person = self.people.get(resolution.person)
        self._claim(person, resolution, row, batch)
        person.standing.first_at = min(person.standing.first_at, row.occurred_at)
        batch.rows.setdefault(person.number, []).append(row)
        batch.people[person.number] = person

    def _claim(self, person: Person, resolution: Resolution, row: Event, batch: _Batch) -> None:
        if resolution.attach:
            self._bring_up_to(person, row, batch)
        for key in resolution.attach:
            before = self.people.owner(key)
            if before is not None and before != person.number:
                former = self.people.get(before)
                self._bring_up_to(former, row, batch)
                former.standing.keys = [each for each in former.standing.keys if each != key] or [key]
            person.standing.keys.append(key)
            batch.out.identities.append((key, person.number, row.seq))
        for key, other in resolution.conflicts:
            batch.out.conflicts.append((row.seq, key, person.number, other))
        self.people.claim(resolution)

    def _merge(self, survivor: int, absorbed: int, row: Event, batch: _Batch) -> None:
        one, other = self.people.get(survivor), self.people.get(absorbed)
        for person in (one, other):
            self._bring_up_to(person, row, batch)
        absorb(one, other, row.received_at, self.world, batch.out)
        batch.people.pop(absorbed, None)
        batch.people[survivor] = one

    def _bring_up_to(self, person: Person, row: Event, batch: _Batch) -> None:
        # Before a row changes who somebody is, everything earlier must have happened to who she was.
        advance(person, batch.rows.pop(person.number, []), row.received_at, self.world, batch.out, before=row.seq)
        batch.people[person.number] = person

    # -- definitions ------------------------------------------------------------------------------------------------

    def _known_brands(self) -> dict[str, Brand]:
        return {brand.key: brand for brand in self._brands.all()}

    def _load_eras(self, ground: Ground) -> Eras:
        eras = Eras(ground)
        for seq, at, payload in self.con.execute("SELECT seq, at, payload FROM era ORDER BY seq").fetchall():
            eras.add(_next_era(eras.now, seq, at, payload))
        return eras

    def _enter_era(self, row: Event, batch: _Batch) -> None:
        try:
            era = _next_era(self.world.eras.now, row.seq, row.received_at, row.payload)
            _ = era.definitions
        except DefinitionError as error:
            _log.error("definitions in the log cannot be used and were passed over", seq=row.seq, problem=str(error))
            return
        self.world.eras.add(era)
        batch.eras.append((era, row.payload))

    def _pass_over(self, out: Outcome) -> None:
        for seq, what in out.unfolded:
            _log.error("a row could not be folded and was passed over", seq=seq, failure=what)
            row = self.log.one(seq)
            if row is not None:
                self.log.reject(row.source, "not_folded", row.payload, f"row {seq}: {what}")

    def _stop_failed(self, out: Outcome) -> list[NewEvent]:
        stops = []
        for kind, key, version, what in out.failures:
            if (kind, key, version) not in self._stopping:
                self._stopping.add((kind, key, version))
                _log.error("a definition failed and was stopped", kind=kind, key=key, version=version, failure=what)
                stops.append(_stop_event(kind, key, version, what, self.clock.now()))
        return stops

    # -- time -------------------------------------------------------------------------------------------------------

    def _something_is_due(self) -> bool:
        wakes = self.wakes_at()
        return wakes is not None and wakes <= self.clock.now()

    def _do_due(self, until: int) -> bool:
        query = "SELECT person FROM person WHERE wake_at < ? ORDER BY wake_at LIMIT ?"
        return self._advance_all(self.con.execute(query, (until, self._batch_size)).fetchall(), until)

    def _sweep(self) -> bool:
        # People who have not been touched since a definition was published; nobody waits for them.
        era = self.world.eras.now
        query = "SELECT person FROM person WHERE era < ? LIMIT ?"
        return self._advance_all(self.con.execute(query, (era.seq, self._batch_size)).fetchall(), era.at, era.seq + 1)

    def _advance_all(self, numbers: Iterable[tuple[int]], until: int, before: int | None = None) -> bool:
        batch = _Batch()
        for person in self.people.load(number for (number,) in numbers):
            advance(person, (), until, self.world, batch.out, before=before)
            batch.people[person.number] = person
        if not batch.people:
            return False
        self._commit(batch)
        return True

    # -- writing ----------------------------------------------------------------------------------------------------

    def _commit(self, batch: _Batch) -> None:
        batch.out.events += self._stop_failed(batch.out)
        try:
            with transaction(self.con, self._gate):
                tables.write(self.con, batch.out, batch.people.values())
                for era, payload in batch.eras:
                    tables.write_era(self.con, era, payload)
                self._write_position()
        except BaseException:
            self.people.forget()
            raise
        self._pass_over(batch.out)
        if batch.out.events:
            self._tell_log()
        self.people.shrink()

    def _tell_log(self) -> None:
        last, events = tables.untold(self.con)
        if not events:
            return
        self.log.append(events)
        with transaction(self.con, self._gate):
            self.con.execute("DELETE FROM untold WHERE id <= ?", (last,))

    def _write_position(self) -> None:
        now = self.clock.now()
        tables.beat(self.con, self.position, now if self.position >= self.log.head() else self._last_caught_up())
        self._written_position, self._beat_at = self.position, now

    def _last_caught_up(self) -> int:
        row = self.con.execute("SELECT caught_up_at FROM pulse_beat WHERE id = 1").fetchone()
        return int(row[0]) if row else 0

    def _say_caught_up(self, *, force: bool = False) -> None:
        if force or -self.clock.real(self._beat_at) >= BEAT_EVERY:
            self.world.refresh()
            with transaction(self.con, self._gate):
                self._write_position()


def _keys(row: Event) -> tuple[str, ...]:
    if row.type != "alias":
        return row.identity
    previous = payload_of(row).get("previousId")
    if not isinstance(previous, str | int) or not previous:
        return row.identity
    spaces = {key.partition("/")[0] for key in row.identity if kind_of(key) == "user"}
    return (*row.identity, *(f"{space}/{previous}" for space in spaces), f"anon:{previous}")


def _next_era(before: Era, seq: int, at: int, payload: bytes) -> Era:
    body = orjson.loads(payload)
    if "documents" in body:
        return before.with_published(body["documents"], seq, at)
    failed = body["properties"]
    return before.with_stopped(failed["kind"], failed["key"], failed["version"], (seq, at))


def _stop_event(kind: str, key: str, version: int, failure: str, now: int) -> NewEvent:
    payload = orjson.dumps({"properties": {"kind": kind, "key": key, "version": version, "failure": failure}})
    message_id = f"stopped:{kind}:{key}:{version}"
    return NewEvent(ENGINE, message_id, (), "definition", "Definition Stopped", "", now, payload, "reaction")
