"""Homes of the simulated shop, with the definitions that the benches of the pulse work under."""

from pathlib import Path

from anstoss.brands.public import DAY, SECOND, ManualClock
from anstoss.demo.instance import open_shop, put_in_force
from anstoss.demo.public import Shop
from anstoss.log.public import Log, NewEvent
from anstoss.pulse.public import Pulse, publish
from anstoss.store.public import Home, read_documents

START = 1_750_000_000 * SECOND
_EARLY_DAYS, _EARLY_SHARE = 42, 5
"""In its first six weeks the simulated shop meets a fifth of its people; after that few are new."""


class BusyShop:
    """A shop whose first ``people`` have come and are folded; what they do next is ready to be told.

    Eight segments, six journeys, two lifecycles and the metrics are those that come with Anstoss; twelve segments more
    are in ``segments.yaml``.
    """

    def __init__(self, folder: Path, people: int) -> None:
        self.home = Home(folder)
        open_shop(self.home, "http://127.0.0.1:1")
        self.clock = ManualClock(START)
        self.log = Log(self.home, self.clock)
        put_in_force(self.home, self.log, self.clock)
        pulse = Pulse(self.home, self.log, self.clock, bulk=True)
        pulse.catch_up()
        twelve = Path(__file__).with_name("segments.yaml").read_text(encoding="utf-8")
        publish(self.home, self.log, self.clock, read_documents(twelve))
        self.shop = Shop(1, people * _EARLY_SHARE, START)
        self._tell(self.shop.events(START, START + _EARLY_DAYS * DAY))
        pulse.catch_up()
        pulse.close()
        self.pulse = Pulse(self.home, self.log, self.clock)

    def tell(self, count: int) -> None:
        """Put what happens next into the log, ``count`` events as they would lie there after a lag."""
        events: list[NewEvent] = []
        while len(events) < count:
            events += self.shop.events(self.shop.played, self.shop.played + DAY // 4)
        self._tell(events[:count])

    def close(self) -> None:
        """Give files back."""
        self.pulse.close()
        self.log.close()

    def _tell(self, events: list[NewEvent]) -> None:
        self.log.append(events, received_at=[event.occurred_at for event in events])
        self.clock.set(events[-1].occurred_at)
