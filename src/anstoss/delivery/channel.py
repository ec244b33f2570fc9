"""What a channel is, and where channels are found: one module per channel in ``channels/``."""

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from anstoss.delivery import channels
from anstoss.store.public import Home


@dataclass(frozen=True)
class Parcel:
    """A finished message for one recipient: the bytes that go over the wire, at the instant ``at``."""

    ledger: str
    message_id: str
    recipient: str
    subject: str
    raw: bytes
    at: int


@dataclass(frozen=True)
class Outcome:
    """How the hand-over of one parcel went; ``detail`` says why it was not accepted."""

    accepted: bool
    detail: str = ""


class Channel(Protocol):
    """Carries messages out."""

    def deliver(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Hand the parcels over; one outcome each, in their order.

        An exception means that nobody knows how it went: those messages become uncertain.
        """


def open_channels(home: Home, *, durable: bool = True) -> dict[str, Channel]:
    """The channels of a home by the kind of message they carry (``email``).

    Each module in ``channels/`` names its kind in ``CARRIES`` and makes its channel in ``open_channel``.
    """
    found: dict[str, Channel] = {}
    for module_info in pkgutil.iter_modules(channels.__path__):
        module = importlib.import_module(f"{channels.__name__}.{module_info.name}")
        found[module.CARRIES] = module.open_channel(home, durable=durable)
    return found
