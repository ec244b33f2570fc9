"""What a message does to a person, by their hidden truth."""

from dataclasses import dataclass
from hashlib import blake2b
from random import Random

from anstoss.brands.public import DAY, MINUTE, SECOND
from anstoss.demo.people import Nature, Person

_MEMORY = 14 * DAY
_GONE = 0.25
_LEAVES_LIST, _COMPLAINS = 0.004, 0.0004


@dataclass(frozen=True)
class Mailing:
    """A message as it reached a person: ``recipient`` is any of their identities, ``handed_at`` UTC microseconds.

    ``links`` are the addresses in it that lead to the shop; ``discount`` is the share it takes off, if any.
    """

    message_id: str
    recipient: str
    journey: str
    step: str
    template: str
    handed_at: int
    subject: str = ""
    purpose: str = "marketing"
    links: tuple[str, ...] = ()
    discount: float = 0.0

    @property
    def short(self) -> str:
        """A short name for what follows from this message; the same message always has the same."""
        return blake2b(self.message_id.encode(), digest_size=6).hexdigest()

    def properties(self) -> dict[str, object]:
        """What every reaction to it says."""
        return {
            "email_id": self.message_id,
            "email_subject": self.subject,
            "campaign_id": self.journey,
            "campaign_name": self.journey,
            "message": self.message_id,
            "journey": self.journey,
            "step": self.step,
            "template": self.template,
            "channel": "email",
        }


@dataclass(frozen=True)
class Response:
    """What will happen, as delays from the opening in microseconds; None: it will not."""

    opens: bool
    clicks: int | None = None
    leaves: int | None = None
    complains: bool = False


def respond(rng: Random, person: Person, mailing: Mailing) -> Response:
    """Decide about one message; remembers it, for every message of the last 14 days tires."""
    nature = person.nature
    person.mailed = [at for at in person.mailed if at > mailing.handed_at - _MEMORY]
    load = len(person.mailed)
    person.mailed.append(mailing.handed_at)
    mood = nature.fatigue**load * (1.0 if nature.alive(mailing.handed_at) else _GONE)
    opened, clicked, left, complained = (rng.random() for _ in range(4))
    delay, second = int(rng.uniform(5, 90) * SECOND), int(rng.uniform(10, 60) * SECOND)
    if opened >= nature.opens * mood:
        return Response(opens=False)
    marketing = mailing.purpose == "marketing"
    leaves = marketing and left < min(_LEAVES_LIST * (1 + load) ** 2, 0.2)
    return Response(
        opens=True,
        clicks=delay if mailing.links and clicked < nature.clicks * mood else None,
        leaves=delay + second if leaves else None,
        complains=marketing and complained < _COMPLAINS * (1 + load),
    )


def temptation(nature: Nature, at: int, *, discount: float, basket: bool) -> float:
    """The share of visits a message leads to that end in an order; ``basket`` says whether one is still open."""
    share = nature.basket_buys if basket else nature.buys
    return share * (1 + 4 * discount * nature.discount_love) * (1.0 if nature.alive(at) else _GONE)


SHORTEST_DELAY = MINUTE
"""Nobody opens a message sooner than this after it was handed over."""
