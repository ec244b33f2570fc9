"""The meaning of a selection: which facts of a history it picks at an instant, and when that can change by itself."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any, TypeAlias

from anstoss.customers.public import ITEM_KEYS, Fact, History, order_of_facts
from anstoss.rules.language import Between, Kind, Selection, Where, Within
from anstoss.rules.literals import instant_of_text, key_of
from anstoss.rules.predicates import Predicate, moments, predicate, typed

Passes: TypeAlias = Callable[[Fact, int], bool]
Items: TypeAlias = Callable[[Fact, int], list[dict[str, Any]]]
Select: TypeAlias = Callable[[History, int], tuple[list[Fact], int | None]]
"""(history, now) -> (facts, the next instant at which a fact can come in or a moving ``where`` can change)."""


def earlier(one: int | None, other: int | None) -> int | None:
    """The earlier of two instants; None is never."""
    return other if one is None else one if other is None or one < other else other


def fact_passes(selection: Selection) -> Passes | None:
    """Whether a fact passes ``where``; None when there is nothing to pass."""
    where = selection.where
    if not where:
        return None
    own = [_on_props(one) for one in where if one.key.name not in ITEM_KEYS]
    carried = [_on_props(one) for one in where if one.key.name in ITEM_KEYS]
    if not carried or not selection.has_items:
        return _every(own + carried)
    items, bare, rest = matching_items(where), _every(own + carried), _every(own)

    def passes_with_items(fact: Fact, now: int) -> bool:
        if fact.items:
            return rest(fact, now) and bool(items(fact, now))
        return bare(fact, now)

    return passes_with_items


def _every(tests: list[Passes]) -> Passes:
    if len(tests) == 1:
        return tests[0]
    return lambda fact, now: all(passes(fact, now) for passes in tests)


def matching_items(where: tuple[Where, ...]) -> Items:
    """The items of a fact that pass those tests that items can answer."""
    carried = [(one.key.name, one.key.kind, predicate(one.tests, one.key.kind)) for one in where if _on_items(one)]

    def matching(fact: Fact, now: int) -> list[dict[str, Any]]:
        props = fact.props
        return [
            item
            for item in fact.items
            if all(passes(typed(kind, item.get(key, props.get(key))), now) for key, kind, passes in carried)
        ]

    return matching


def _on_items(where: Where) -> bool:
    return where.key.name in ITEM_KEYS


def _on_props(where: Where) -> Passes:
    key, kind = where.key.name, where.key.kind
    passes: Predicate = predicate(where.tests, kind)
    if kind is Kind.ANY:
        return lambda fact, now: passes(fact.props.get(key), now)
    return lambda fact, now: passes(typed(kind, fact.props.get(key)), now)


def selector(selection: Selection) -> Select:
    """The selection, compiled."""
    passes = fact_passes(selection)
    moving = [(one.key.name, moments(one.tests)) for one in selection.where if one.moves]
    bounds = window_bounds(selection.window)
    names = selection.names

    if len(names) == 1 and not moving:
        return _one_name(names[0], bounds, passes)

    def select(history: History, now: int) -> tuple[list[Fact], int | None]:
        chosen: list[Fact] = []
        soon: int | None = None
        for name in names:
            row = history.rows.get(name)
            if row is None:
                continue
            begin, end, coming = bounds(row[0], now)
            chosen += row[1][begin:end]
            soon = earlier(soon, coming)
        if len(names) > 1:
            chosen.sort(key=order_of_facts)
        for key, spans in moving:
            soon = earlier(soon, _next_move(chosen, key, spans, now))
        if passes is not None:
            chosen = [fact for fact in chosen if passes(fact, now)]
        return chosen, soon

    return select


def _one_name(name: str, bounds: "Bounds", passes: Passes | None) -> Select:
    """The same for one name and nothing that moves: by far the most frequent case."""

    def select(history: History, now: int) -> tuple[list[Fact], int | None]:
        row = history.rows.get(name)
        if row is None:
            return [], None
        begin, end, coming = bounds(row[0], now)
        if passes is None:
            return row[1][begin:end], coming
        return [fact for fact in row[1][begin:end] if passes(fact, now)], coming

    return select


def _next_move(facts: list[Fact], key: str, spans: tuple[int, ...], now: int) -> int | None:
    instants = (
        at + span for fact in facts if (at := instant_of_text(fact.props.get(key))) is not None for span in spans
    )
    return min((instant for instant in instants if instant > now), default=None)


Bounds: TypeAlias = Callable[[list[int], int], tuple[int, int, int | None]]
"""(sorted event times, now) -> (begin, end of those in the window, when the next one comes in)."""


def window_bounds(window: Within | Between | None) -> Bounds:
    """A window, compiled."""
    if isinstance(window, Between):
        start, stop = window.start, window.end

        def fixed(times: list[int], now: int) -> tuple[int, int, int | None]:
            first, beyond, known = bisect_left(times, start), bisect_left(times, stop), bisect_right(times, now)
            coming = max(first, known)
            return min(first, known), min(beyond, known), times[coming] if coming < beyond else None

        return fixed
    span = window.span if window else None

    def last(times: list[int], now: int) -> tuple[int, int, int | None]:
        end = len(times)
        coming = None
        if times[-1] > now:
            end = bisect_right(times, now)
            coming = times[end]
        begin = 0
        if span is not None and times[0] <= now - span:
            begin = bisect_right(times, now - span)
        return begin, end, coming

    return last


def values_of(name: str, kind: Kind, selection: Selection) -> Callable[[Fact, int], list[Any]]:
    """The values of a property in a selected fact: of each item that passes, else of the fact itself.

    ``kind`` is what a value must be; the kind that the property always has (text, money) counts besides.
    """
    always = key_of(name).kind
    needs = kind if always is Kind.ANY else always
    wanted = kind if kind not in (Kind.ANY, needs) else None

    def read(value: Any) -> Any:
        value = typed(needs, value)
        return value if wanted is None else typed(wanted, value)

    def own(fact: Fact, now: int) -> list[Any]:
        value = read(fact.props.get(name))
        return [] if value is None else [value]

    if name not in ITEM_KEYS or not selection.has_items:
        return own
    items = matching_items(selection.where)

    def carried(fact: Fact, now: int) -> list[Any]:
        if not fact.items:
            return own(fact, now)
        rows = (read(item.get(name, fact.props.get(name))) for item in items(fact, now))
        return [value for value in rows if value is not None]

    return carried
