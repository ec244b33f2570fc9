"""The meaning of conditions that look at the order of facts: sequences, and the last word on a consent."""

from collections.abc import Callable
from typing import Any, TypeAlias

from anstoss.customers.public import Fact, History
from anstoss.rules.language import CONSENT_GRANTED, CONSENT_WITHDRAWN, Consent, Kind, Selection, Sequence, Test, Where
from anstoss.rules.language import Key as PropertyKey
from anstoss.rules.predicates import typed
from anstoss.rules.selecting import earlier, selector

_NEVER = -(2**63)

Reading: TypeAlias = Callable[[History, int], tuple[bool, int | None]]
Link: TypeAlias = tuple[Fact, Any]
"""A fact of a chain, and the link before it (None before the first)."""


def chains(sequence: Sequence) -> Callable[[History, int], tuple[Link | None, int, int | None]]:
    """(history, now) -> (last link of the chain that began last, when it began, when the answer can change).

    Every step needs a fact of its own, later in the order of facts than the one before. Of all chains that end in a
    fact, the one that began last is the shortest, so keeping that one for each step is enough.
    """
    selects = [selector(Selection(step.names, step.where, sequence.in_last)) for step in sequence.steps]
    last, within = len(selects) - 1, sequence.within.span

    def find(history: History, now: int) -> tuple[Link | None, int, int | None]:
        soon: int | None = None
        fitting: list[tuple[int, int, int, int, Fact]] = []
        for number, select in enumerate(selects):
            facts, coming = select(history, now)
            if not facts:  # until one of these comes there is no chain
                return None, 0, coming
            soon = earlier(soon, coming)
            fitting += [(fact.at, fact.seq, fact.n, -number, fact) for fact in facts]
        fitting.sort()  # later steps of a fact first, so that no fact serves two steps
        begun = [_NEVER] * len(selects)
        links: list[Link | None] = [None] * len(selects)
        best, found = _NEVER, None
        for at, _, _, negative, fact in fitting:
            number = -negative
            begin = at if number == 0 else begun[number - 1]
            if number < last:
                if begin > begun[number]:
                    begun[number], links[number] = begin, (fact, links[number - 1] if number else None)
            elif at - begin < within and begin > best:
                best, found = begin, (fact, links[number - 1])
        return found, best, soon

    return find


def facts_of(link: Link | None) -> list[Fact]:
    """The facts of a chain, in their order."""
    facts = []
    while link is not None:
        facts.append(link[0])
        link = link[1]
    return facts[::-1]


def sequence_reading(sequence: Sequence) -> Reading:
    """A sequence, compiled."""
    find = chains(sequence)
    in_last = sequence.in_last
    moving = any(where.moves for step in sequence.steps for where in step.where)

    def answer(history: History, now: int) -> tuple[bool, int | None]:
        chain, begun, soon = find(history, now)
        if chain is None:
            return False, soon
        if not moving:  # facts that come in cannot undo a chain
            soon = None
        return True, earlier(soon, begun + in_last.span) if in_last else soon

    return answer


def last_words(consent: Consent) -> Callable[[History, int], tuple[dict[str, Fact], int | None]]:
    """(history, now) -> (the last word by brand, when the next one comes in)."""
    where = [Where(PropertyKey("channel", Kind.TEXT), (Test("is", consent.channel, consent.channel),))]
    if consent.brand is not None:
        where.append(Where(PropertyKey("brand", Kind.TEXT), (Test("is", consent.brand, consent.brand),)))
    select = selector(Selection((CONSENT_GRANTED, CONSENT_WITHDRAWN), tuple(where)))

    def words(history: History, now: int) -> tuple[dict[str, Fact], int | None]:
        facts, soon = select(history, now)
        return {typed(Kind.TEXT, fact.props.get("brand")) or "": fact for fact in facts}, soon

    return words


def status_of(last: dict[str, Fact]) -> str:
    """granted, withdrawn or none, from the last word by brand."""
    if any(fact.name == CONSENT_GRANTED for fact in last.values()):
        return "granted"
    return "withdrawn" if last else "none"


def consent_reading(consent: Consent) -> Reading:
    """A condition on consent, compiled."""
    words = last_words(consent)

    def answer(history: History, now: int) -> tuple[bool, int | None]:
        last, soon = words(history, now)
        return status_of(last) == consent.status, soon

    return answer
