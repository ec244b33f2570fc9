"""The sender: takes what is due from the outbox, past the gate, to the channel. Once, whatever happens in between.

Order of a hand-over, and what each step guarantees:

1. planned -> leased. The gate looks for the first time, so that nothing is rendered in vain.
2. The letter is written and inspected.
3. leased -> handed, on disk, by the holder of the lease only: a cancelled message, a lost lease, a withdrawal or a full
   cap ends here, because the gate looks again inside this transaction.
4. ``Message Handed`` goes to the log. If the log has it already, a restored backup has forgotten the hand-over: the
   message is not sent again.
5. The channel takes it.
6. ``Message Sent`` goes to the log, then handed -> sent.

A crash after 3 leaves the message uncertain: counted, never repeated. Before 3 it is simply sent later.
"""

import uuid
from collections.abc import Sequence

import orjson

from anstoss.brands.public import SECOND, Brand, Clock, UnknownBrand, open_brands
from anstoss.delivery import outbox, records, states
from anstoss.delivery.channel import Channel, Outcome, open_channels
from anstoss.delivery.facts import View, fold_lag, request
from anstoss.delivery.gate import Allowed, Later, Policy, Refused, decide
from anstoss.delivery.letters import Letter, Writer
from anstoss.delivery.links import Links
from anstoss.delivery.states import Message, Steps
from anstoss.log.public import LogDoor, LogUnavailable
from anstoss.store.public import Connection, Home, connect, transaction

LEASE = 30 * SECOND
GRACE = 60 * SECOND
"""A message handed over and not reported for so long is uncertain."""
LARGEST_BATCH = 200
PURPOSES = ("transactional", "marketing")
"""In the order of claiming: who waits for a password mail does not wait behind a campaign."""


class Sender:
    """One sender on a home. Several may work side by side, in one process or in many."""

    def __init__(
        self, home: Home, log: LogDoor, clock: Clock, *, policy: Policy | None = None, durable: bool = True
    ) -> None:
        self._log = log
        self._brands = open_brands(home)
        self._clock = clock
        self._policy = policy or Policy()
        self._con: Connection = connect(home.state_db, durable=durable)
        self._gate = home.gate("state")
        with transaction(self._con, self._gate):
            outbox.create_tables(self._con)
        self._writer = Writer(self._con, Links(home.secret()))
        self._channels: dict[str, Channel] = open_channels(home, durable=durable)
        self._steps = Steps(self._con, uuid.uuid4().hex)
        self._known: dict[str, Brand | None] = {}
        self.batch = 1
        """How many messages are taken at once; grows while there is more to do."""
        self.pace = 1.0
        """How much faster than real time the clock runs: leases, grace and lag mean real time."""

    def run_once(self) -> int:
        """Do what is due now, up to one batch; returns how many messages moved on, 0 when there is nothing to do."""
        now = self._clock.now()
        self._known.clear()
        moved = self._look_after(now)
        claimed, decided = self._claim(now)
        if claimed:
            letters = [self._write(message, now) for message in claimed]
            handed = self._hand(claimed, letters)
            self._deliver(self._tell_handed(handed))
        full = decided + len(claimed) >= self.batch
        self.batch = min(LARGEST_BATCH, self.batch * 2) if full else max(1, self.batch // 2)
        return moved + decided + len(claimed)

    def next_due(self) -> int | None:
        """The instant at which something is due, none when nothing is planned."""
        instants = [states.next_due(self._con, purpose) for purpose in self._claimable(self._clock.now())]
        return min((instant for instant in instants if instant is not None), default=None)

    def data_version(self) -> int:
        """Changes whenever another connection has written to the outbox's file."""
        return int(self._con.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Give the files back."""
        self._con.close()
        self._gate.close()

    def _claimable(self, now: int) -> tuple[str, ...]:
        return PURPOSES if self._lag(now) <= self._policy.max_lag else PURPOSES[:1]

    def _lag(self, now: int) -> int:
        return int(fold_lag(self._con, now) / self.pace)

    def _claim(self, now: int) -> tuple[list[Message], int]:
        """Lease what is due; returns it, and how many the gate has sent back at the first look."""
        if not self._due(now, 1):
            return [], 0
        claimed, decided = [], 0
        with transaction(self._con, self._gate):
            messages = self._due(now, self.batch)
            view = View(self._con, messages, now, self._lag(now), self._policy)
            for message in messages:
                if self._passes(message, view):
                    self._steps.lease(message, now + int(LEASE * self.pace))
                    claimed.append(message)
                else:
                    decided += 1
        return claimed, decided

    def _due(self, now: int, limit: int) -> list[Message]:
        found: list[Message] = []
        for purpose in self._claimable(now):
            found += states.due(self._con, purpose, now, limit - len(found))
        return found

    def _passes(self, message: Message, view: View) -> bool:
        """Ask the gate and write down what it says against a message; true when it may leave."""
        brand = self._brand(message.brand)
        zone = brand.zone if brand else "UTC"  # without a brand there will be no letter
        decision = decide(request(message), view.facts(message, zone), self._policy)
        match decision:
            case Allowed():
                return True
            case Later():
                self._steps.postpone(message, decision)
            case Refused():
                self._steps.refuse(message, decision)
        return False

    def _brand(self, key: str) -> Brand | None:
        if key not in self._known:
            try:
                self._known[key] = self._brands.brand(key)
            except UnknownBrand:
                self._known[key] = None
        return self._known[key]

    def _write(self, message: Message, now: int) -> Letter | Refused:
        brand = self._brand(message.brand)
        if brand is None:
            return Refused("brand_missing", {"brand": message.brand})
        if message.channel not in self._channels:
            return Refused("channel_missing", {"channel": message.channel})
        return self._writer.write(message, brand, now)

    def _hand(self, claimed: Sequence[Message], letters: Sequence[Letter | Refused]) -> list[Letter]:
        """The fence: what is in the answer is this sender's to hand over, and nobody else's ever."""
        handed = []
        now = self._clock.now()
        with transaction(self._con, self._gate):
            view = View(self._con, claimed, now, self._lag(now), self._policy)
            for message, letter in zip(claimed, letters, strict=True):
                if isinstance(letter, Refused):
                    self._steps.refuse(message, letter)
                elif self._passes(message, view) and self._steps.hand(
                    message, now, now + int(GRACE * self.pace), letter.parcel.subject
                ):
                    view.note_handed(message)
                    handed.append(letter)
        return handed

    def _tell_handed(self, letters: Sequence[Letter]) -> list[Letter]:
        """Tell the log; returns what it did not know of yet."""
        if not letters:
            return []
        now = self._clock.now()
        try:
            told = self._log.append([records.handed(of.message, of.parcel.subject, now) for of in letters])
        except LogUnavailable:
            self._hold_back(letters, now + SECOND)
            raise
        known = set(told.duplicates)
        if known:
            with transaction(self._con, self._gate):
                for index in known:
                    self._steps.settle(letters[index].message, "sent_before_restore", now)
        return [letter for index, letter in enumerate(letters) if index not in known]

    def _hold_back(self, letters: Sequence[Letter], until: int) -> None:
        # The log's promise is that nothing of the group was stored, and nothing has left: so this is not a repetition.
        self.batch = 1
        with transaction(self._con, self._gate):
            for letter in letters:
                self._steps.release(letter.message, until)

    def _deliver(self, letters: Sequence[Letter]) -> None:
        for channel in sorted({letter.message.channel for letter in letters}):
            batch = [letter for letter in letters if letter.message.channel == channel]
            outcomes = self._channels[channel].deliver([letter.parcel for letter in batch])
            self._settle(batch, outcomes)

    def _settle(self, letters: Sequence[Letter], outcomes: Sequence[Outcome]) -> None:
        now = self._clock.now()
        results = [
            (letter, None if outcome.accepted else Refused("channel_refused", {"detail": outcome.detail}))
            for letter, outcome in zip(letters, outcomes, strict=True)
        ]
        self._log.append(
            [
                records.not_sent(of.message, refusal.code, refusal.data, now)
                if refusal
                else records.sent(of.message, of.parcel.subject, now)
                for of, refusal in results
            ]
        )
        with transaction(self._con, self._gate):
            for letter, refusal in results:
                self._steps.settle(letter.message, "failed" if refusal else "sent", now, refusal)

    def _look_after(self, now: int) -> int:
        """What was left lying: leases that ran out, hand-overs never reported, refusals the log has not heard of."""
        messages = states.overdue(self._con, now, LARGEST_BATCH)
        if not messages:
            return 0
        refused = [message for message in messages if message.state == "refused"]
        if refused:
            self._log.append([records.not_sent(of, of.reason, orjson.loads(of.reason_data), now) for of in refused])
        step = {
            "leased": lambda message: self._steps.expire_lease(message, now),
            "handed": lambda message: self._steps.give_up(message, now),
            "refused": lambda message: self._steps.close_refused(message),
        }
        with transaction(self._con, self._gate):
            return sum(step[message.state](message) for message in messages)
