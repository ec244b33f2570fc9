"""Which home this process shows, and readers of it that views borrow."""

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from anstoss.brands.public import Brand, Brands, FileClock, open_brands
from anstoss.delivery.public import Mailbox
from anstoss.pulse.public import Reader
from anstoss.store.public import Home


def home_of(state_db: str | Path) -> Home:
    """The home that a ``state.db`` belongs to."""
    return Home(Path(state_db).parent)


class Readers:
    """Readers of one home that views borrow. A reader serves one view at a time; views run in threads that come and
    go, and opening a reader costs more than most views."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.clock = FileClock(home.clock_file)
        self._idle: queue.SimpleQueue[tuple[Reader, Brands]] = queue.SimpleQueue()
        self._mailboxes: queue.SimpleQueue[Mailbox] = queue.SimpleQueue()

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """A reader, for the time of a view. One that failed is not lent again."""
        try:
            reader, brands = self._idle.get_nowait()
        except queue.Empty:
            reader, brands = Reader(self.home, self.clock), open_brands(self.home)
        try:
            # A reader knows the brands of the day it was opened; an imprint filled in since must be shown.
            reader.brands = {brand.key: brand for brand in brands.all()}
            yield reader
        except BaseException:
            reader.close()
            raise
        self._idle.put((reader, brands))

    @contextmanager
    def mailbox(self) -> Iterator[Mailbox]:
        """The mailbox, for the time of a view."""
        try:
            mailbox = self._mailboxes.get_nowait()
        except queue.Empty:
            mailbox = Mailbox(self.home)
        try:
            yield mailbox
        except BaseException:
            mailbox.close()
            raise
        self._mailboxes.put(mailbox)

    def close(self) -> None:
        """Give back everything that nobody has borrowed."""
        while not self._idle.empty():
            self._idle.get()[0].close()
        while not self._mailboxes.empty():
            self._mailboxes.get().close()


_shown: list[Readers] = []


def show(home: Home) -> None:
    """From now on this process shows ``home``."""
    while _shown:
        _shown.pop().close()
    _shown.append(Readers(home))


def readers() -> Readers:
    """Readers of the home that this process shows."""
    return _shown[0]


def first_brand(reader: Reader) -> Brand | None:
    """The brand whose zone and name stand for the whole instance."""
    return next(iter(reader.brands.values()), None)
