"""The meaning of conditions that look at the order of facts: sequences, and the last word on a consent."""

from collections.abc import Callable
from typing import Any

from anstoss.customers.public import Fact, History, order_of_facts
from anstoss.rules.language import CONSENT_GRANTED, CONSENT_WITHDRAWN, Consent, Kind, Selection, Sequence, Test, Where
from anstoss.rules.language import Key as PropertyKey
from anstoss.rules.selecting import earlier, selector

Reading = Callable[[History, int], tuple[bool, int | None]]
Chain = tuple[Fact, ...]


def chains(sequence: Sequence) -> Callable[[History, int], tuple[Chain | None, int | None]]:
    """(history, now) -> (the chain with the latest first step, when another fact can come in).

    Every step needs a fact of its own, later in the order of facts than the one before. Of all chains that end in a
    fact, the one that started last is the shortest, so keeping that one for each step is enough.
    """
    selects = [selector(Selection(step.names, step.where, sequence.in_last)) for step in sequence.steps]
    length, within = len(selects), sequence.within.span

    def find(history: History, now: int) -> tuple[Chain | None, int | None]:
        soon: int | None = None
        fitting: dict[tuple[int, int], tuple[Fact, list[int]]] = {}
        for number, select in enumerate(selects):
            facts, coming = select(history, now)
            soon = earlier(soon, coming)
            for fact in facts:
                fitting.setdefault((fact.seq, fact.n), (fact, []))[1].insert(0, number)
        best: Chain | None = None
        begun: list[Chain | None] = [None] * length
        for fact, numbers in sorted(fitting.values(), key=lambda pair: order_of_facts(pair[0])):
            for number in numbers:  # later steps first, so that no fact serves two steps
                before = begun[number - 1] if number else ()
                if before is None:
                    continue
                chain = (*before, fact)
                if number < length - 1:
                    begun[number] = _later_start(begun[number], chain)
                elif fact.at - chain[0].at < within:
                    best = _later_start(best, chain)
        return best, soon

    return find


def _later_start(one: Chain | None, other: Chain) -> Chain:
    return other if one is None or other[0].at >= one[0].at else one


def sequence_reading(sequence: Sequence) -> Reading:
    """A sequence, compiled."""
    find = chains(sequence)
    in_last = sequence.in_last

    def answer(history: History, now: int) -> tuple[bool, int | None]:
        chain, soon = find(history, now)
        if chain is None:
            return False, soon
        # Facts that come in cannot undo a chain; only its first step can grow too old.
        return True, chain[0].at + in_last.span if in_last else None

    return answer


def last_words(consent: Consent) -> Callable[[History, int], tuple[dict[str, Fact], int | None]]:
    """(history, now) -> (the last word by brand, when the next one comes in)."""
    where = [Where(PropertyKey("channel", Kind.TEXT), (Test("is", consent.channel, consent.channel),))]
    if consent.brand is not None:
        where.append(Where(PropertyKey("brand", Kind.TEXT), (Test("is", consent.brand, consent.brand),)))
    select = selector(Selection((CONSENT_GRANTED, CONSENT_WITHDRAWN), tuple(where)))

    def words(history: History, now: int) -> tuple[dict[str, Fact], int | None]:
        facts, soon = select(history, now)
        last: dict[str, Any] = {str(fact.props.get("brand", "")): fact for fact in facts}
        return last, soon

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
