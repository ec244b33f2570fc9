"""How much waits for the pulse."""

from anstoss.brands.public import SECOND, Clock
from anstoss.log.public import LogDoor
from anstoss.store.public import Home, connect, sqlite3

_ASKED_EVERY = SECOND // 4


class PulseBacklog:
    """Events after the position that the pulse last wrote down, asked at most four times a second."""

    def __init__(self, home: Home, log: LogDoor, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._con = connect(home.state_db)
        self._asked = 0
        self._events = 0

    def __call__(self) -> int:
        """The number of events that wait."""
        now = self._clock.now()
        if abs(now - self._asked) >= _ASKED_EVERY:
            self._asked = now
            self._events = self._log.head() - self._position()
        return self._events

    def _position(self) -> int:
        try:
            row = self._con.execute("SELECT coalesce(max(position), 0) FROM pulse_beat").fetchone()
        except sqlite3.OperationalError:  # no pulse has run on this home yet
            return 0
        return int(row[0]) if row else 0
