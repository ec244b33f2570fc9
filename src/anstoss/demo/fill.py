"""Two years of the shop, played through the real log, the real pulse and the real sender under a simulated clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from anstoss.brands.public import DAY, ManualClock
from anstoss.delivery.public import Sender
from anstoss.demo.instance import put_in_force
from anstoss.demo.mailings import mailings
from anstoss.demo.shop import Shop
from anstoss.log.public import Log
from anstoss.pulse.public import Pulse, engine_lock
from anstoss.store.public import Home, connect
from anstoss.warehouse.public import Projector

CHUNKS_A_DAY = 4
"""A day is played in so many pieces, shorter ones when the shop is busy; what falls due is sent at the end of each."""


TOGETHER = 50
"""So many messages are sent at a time. A live sender begins with one, so that it is not late; here nobody waits."""


@dataclass(frozen=True)
class Filled:
    """How far the shop has been played: full days, people who came, events told, messages handed over."""

    days: int = 0
    customers: int = 0
    events: int = 0
    messages: int = 0


Progress = Callable[[Filled], None]


def fill(home: Home, shop: Shop, progress: Progress = lambda _: None) -> Filled:
    """Play ``shop`` from its start to its end into a home that nobody else uses; what is there already is kept.

    Nothing is synced to disk: a power cut during the fill costs the fill. The warehouse is ready afterwards.
    """
    with engine_lock(home):
        play = _Play(home, shop)
        try:
            filled = play.run(progress)
        finally:
            play.close()
        _project(home)
        return filled


def _project(home: Home) -> None:
    projector = Projector(home)  # which makes the file, for there is none yet
    state, gate = connect(home.state_db), home.gate("state")
    projector.catch_up(state, gate)
    state.close()
    gate.close()
    projector.close()


def pauses(shop: Shop) -> Iterator[int]:
    """The ends of the pieces in which the shop is played."""
    count = 1
    while (pause := shop.traffic.instant(count / CHUNKS_A_DAY)) < shop.end:
        yield pause
        count += 1
    yield shop.end


class _Play:
    def __init__(self, home: Home, shop: Shop) -> None:
        self.shop = shop
        self.clock = ManualClock(shop.start)
        self.log = Log(home, self.clock, durable=False)
        self.pulse = Pulse(home, self.log, self.clock, bulk=True)
        self.sender = Sender(home, self.log, self.clock, durable=False)
        put_in_force(home, self.log, self.clock)
        self.pulse.catch_up()
        self.events, self.messages = 0, 0

    def run(self, progress: Progress) -> Filled:
        for until in pauses(self.shop):
            self._play(until)
            progress(self._so_far())
        self.pulse.catch_up()
        return self._so_far()

    def close(self) -> None:
        self.sender.close()
        self.pulse.close()
        self.log.close()

    def _play(self, until: int) -> None:
        events = self.shop.events(self.shop.played, until)
        self.clock.set(until)
        if events:
            self.log.append(events, received_at=[event.occurred_at for event in events])
            self.events += len(events)
        self.pulse.catch_up()
        before = self.log.head()
        self.sender.batch = TOGETHER
        while self.sender.run_once():
            pass
        for mailing in mailings(self.log.read(before, 1 << 30)):
            self.shop.react(mailing)
            self.messages += 1

    def _so_far(self) -> Filled:
        days = (self.shop.played - self.shop.start) // DAY
        return Filled(days, len(self.shop.people), self.events, self.messages)
