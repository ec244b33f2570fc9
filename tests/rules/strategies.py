"""Histories, rules and instants for Hypothesis: a small world in which edges meet often.

Times lie on a grid of days with a microsecond to either side, windows are as long as the gaps between facts, and texts
carry what breaks SQL, JSON and patterns.
"""

from typing import Any

from hypothesis import strategies as st

from anstoss.brands.public import DAY, HOUR
from anstoss.customers.public import Fact, History
from anstoss.rules.public import Vocabulary, parse_metric

BASE = 20_000 * DAY
LAST_DAY = 30

EVENTS = ("Order Completed", "Product Viewed", "Order Refunded", "Gebucht, 'heute' \"x\"")
TEXTS = ("berlin", "münchen", "o'neill", 'say "hi"', "100%", "a_b", "5", "true", "2026-05-01", "\\", "outdoor", "🏔")
CATEGORIES = ("outdoor", "outdoor/jackets", "outdoor/jackets/men", "outdoorsy", "home")
INSTANTS = tuple(f"2024-10-{day:02d}T{hour:02d}:00:00.000000Z" for day in (3, 10, 31) for hour in (0, 22))
NUMBERS = (0, 1, 2, 3, -1, 2.5, 0.1, 1e6, 7.0)
ODD = ("", True, False, "2024-02-30T00:00:00.000000Z", 2**53)

DURATIONS = ("1d", "2d", "5d", "48h", "2w", "90m", "1s")
STAGES = {"shop": ("lead", "growth", "retention")}

METRICS = [
    {"key": "orders", "unit": "count", "compute": {"count": {"event": "Order Completed"}}},
    {"key": "recent", "unit": "count", "compute": {"count": {"event": list(EVENTS), "within": "5d"}}},
    {"key": "brands", "unit": "count", "compute": {"distinct": {"event": list(EVENTS), "of": "brand", "within": "2w"}}},
    {"key": "colours", "unit": "count", "compute": {"distinct": {"event": "Product Viewed", "of": "colour"}}},
    {
        "key": "net",
        "unit": "money",
        "compute": {"sum": {"event": ["Order Completed", "Order Refunded"], "of": "revenue"}},
    },
    {
        "key": "pieces",
        "unit": "number",
        "compute": {"sum": {"event": "Order Completed", "of": "quantity", "within": "5d"}},
    },
    {"key": "score_sum", "unit": "number", "compute": {"sum": {"event": list(EVENTS), "of": "score", "within": "5d"}}},
    {"key": "mean", "unit": "number", "compute": {"average": {"event": list(EVENTS), "of": "score"}}},
    {
        "key": "mean_price",
        "unit": "money",
        "compute": {"average": {"event": list(EVENTS), "of": "price", "within": "5d"}},
    },
    {"key": "cheapest", "unit": "money", "compute": {"smallest": {"event": list(EVENTS), "of": "price"}}},
    {
        "key": "highest",
        "unit": "number",
        "compute": {"largest": {"event": list(EVENTS), "of": "score", "within": "2d"}},
    },
    {"key": "first", "unit": "time", "compute": {"first_at": {"event": "Order Completed", "within": "5d"}}},
    {"key": "last", "unit": "time", "compute": {"last_at": {"event": list(EVENTS)}}},
    {"key": "age", "unit": "days", "compute": {"days_since_first": {"event": "Order Completed"}}},
    {"key": "quiet", "unit": "days", "compute": {"days_since_last": {"event": list(EVENTS), "within": "2w"}}},
    {"key": "alive", "unit": "share", "compute": {"last_value": {"event": "Scores Set", "of": "alive"}}},
    {"key": "colour", "unit": "text", "compute": {"last_value": {"event": "Product Viewed", "of": "colour"}}},
    {"key": "bought", "unit": "text", "compute": {"last_value": {"event": "Order Completed", "of": "category"}}},
    {
        "key": "trip",
        "unit": "time",
        "compute": {"last_value": {"event": "Product Viewed", "of": "starts", "within": "5d"}},
    },
    {"key": "basket", "unit": "money", "compute": {"ratio": ["net", "orders"]}},
    {
        "key": "rate",
        "unit": "share",
        "compute": {
            "ratio": [{"count": {"event": "Order Completed", "within": "5d"}}, {"count": {"event": "Product Viewed"}}]
        },
    },
]


def _vocabulary() -> Vocabulary:
    metrics: dict[str, Any] = {}
    for body in METRICS:
        metric = parse_metric(body, Vocabulary(metrics=metrics))
        metrics[metric.key] = metric
    segments = {
        "viewers": {"did": {"event": "Product Viewed", "within": "5d"}},
        "not-viewers": {"not": {"segment": "viewers"}},
    }
    return Vocabulary(metrics, STAGES, segments)


VOCABULARY = _vocabulary()

instants = st.builds(
    lambda day, hour, nudge: BASE + day * DAY + hour * HOUR + nudge,
    st.integers(0, LAST_DAY),
    st.sampled_from((0, 0, 0, 22)),
    st.sampled_from((0, 0, 0, 1, -1)),
)
scalars = st.sampled_from((*TEXTS, *CATEGORIES, *INSTANTS, *NUMBERS, *ODD))
numbers = st.sampled_from(NUMBERS)
money = st.sampled_from((0, 1, 100, 1999, 5000, -5000))
texts = st.sampled_from(TEXTS)
categories = st.sampled_from(CATEGORIES)


def some(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping with some of these keys."""
    return st.fixed_dictionaries({}, optional=keys)


items = some(
    product_id=texts, category=categories, brand=texts, coupon=st.sampled_from(("", "x")), price=money, quantity=numbers
)
properties = some(
    category=categories,
    product_id=texts,
    order_id=texts,
    revenue=money,
    price=money,
    brand=scalars,
    colour=scalars,
    score=scalars,
    starts=scalars,
    quantity=scalars,
)


@st.composite
def facts(draw: st.DrawFn, seq: int) -> Fact:
    """One fact of any kind that rules can ask for."""
    at = draw(instants)
    name = draw(
        st.sampled_from((*EVENTS, *EVENTS, "Traits Set", "Stage Entered", "Scores Set", "Consent", "Email Opened"))
    )
    if name == "Consent":
        name = draw(st.sampled_from(("Consent Granted", "Consent Withdrawn")))
    props = draw(_properties_of(name))
    lines = draw(st.lists(items, max_size=3)) if name in EVENTS else []
    return Fact(at, seq // 2, seq % 2, name, "shop", at // DAY, at % DAY // HOUR, props, lines)


def _properties_of(name: str) -> st.SearchStrategy[dict[str, Any]]:
    channel = st.sampled_from(("email", "sms"))
    if name == "Traits Set":
        return st.fixed_dictionaries(
            {}, optional={"city": scalars, "age": scalars, "birthday": scalars, "email": st.just(True)}
        )
    if name == "Stage Entered":
        return st.fixed_dictionaries(
            {"lifecycle": st.sampled_from(("shop", "club")), "stage": st.sampled_from(STAGES["shop"])}
        )
    if name == "Scores Set":
        return some(alive=st.sampled_from((0.1, 0.4, 1, "x")))
    if name.startswith("Consent"):
        return st.fixed_dictionaries({"channel": channel}, optional={"brand": st.sampled_from(("a", "b", 5))})
    if name == "Email Opened":
        return some(journey=texts, step=texts, template=texts, channel=channel)
    return properties


@st.composite
def histories(draw: st.DrawFn, max_size: int = 14) -> History:
    """A history; facts come in any order of time."""
    size = draw(st.integers(0, max_size))
    return History([draw(facts(seq)) for seq in range(size)])


# --- rules, as authors write them -------------------------------------------------------------------------------

days = st.sampled_from(("2024-10-04", "2024-10-10", "2024-10-11T00:00:00+02:00", "2024-10-31T23:30:00"))
durations = st.sampled_from(DURATIONS)
moving = st.builds(lambda span: {"ago": span}, durations)
time_tests = st.one_of(
    some(before=days, after=days).filter(bool),
    st.builds(lambda a, b: {"between": sorted((a, b))}, days, days),
    st.builds(lambda op, ago: {op: ago}, st.sampled_from(("before", "after")), moving),
    st.builds(lambda known: {"known": known}, st.booleans()),
)
text_tests = st.one_of(
    texts,
    st.builds(
        lambda op, text: {op: text}, st.sampled_from(("is", "is_not", "contains", "starts_with", "under")), texts
    ),
    st.builds(
        lambda op, listed: {op: listed}, st.sampled_from(("in", "not_in")), st.lists(texts, min_size=1, max_size=3)
    ),
    st.builds(lambda known: {"known": known}, st.booleans()),
)
category_tests = st.one_of(st.builds(lambda path: {"under": path}, categories), categories)


def number_tests(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Tests on numbers."""
    single = st.sampled_from(("is", "is_not", "above", "below", "at_least", "at_most"))
    return st.one_of(
        numbers,
        st.builds(lambda op, number: {op: number}, single, numbers),
        st.builds(lambda a, b: {"above": min(a, b), "at_most": max(a, b)}, numbers, numbers),
        st.builds(lambda a, b: {"between": sorted((a, b))}, numbers, numbers),
        st.builds(
            lambda op, listed: {op: listed},
            st.sampled_from(("in", "not_in")),
            st.lists(numbers, min_size=1, max_size=3),
        ),
        st.builds(lambda known: {"known": known}, st.booleans()),
    )


amounts = st.sampled_from((0, 0.01, 1, 19.99, 50, -50))
counts = st.sampled_from((0, 1, 2, 3))
any_tests = st.one_of(
    text_tests, number_tests(numbers), time_tests, st.booleans(), st.just({"in": ["berlin", 1, True, 2.5]})
)
wheres = st.fixed_dictionaries(
    {},
    optional={
        "category": category_tests,
        "product_id": text_tests,
        "brand": text_tests,
        "coupon": text_tests,
        "price": number_tests(amounts),
        "quantity": number_tests(numbers),
        "colour": any_tests,
        "starts": any_tests,
        "order_id": text_tests,
        "revenue": number_tests(amounts),
    },
).filter(lambda where: 0 < len(where) <= 3)

windows = st.one_of(
    st.just({}),
    st.builds(lambda span: {"within": span}, durations),
    st.builds(lambda a, b: {"between": sorted((a, b))}, days, days).filter(
        lambda w: w["between"][0] != w["between"][1]
    ),
)
names = st.one_of(st.sampled_from(EVENTS), st.lists(st.sampled_from(EVENTS), min_size=1, max_size=3))
maybe_where = st.one_of(st.just({}), st.builds(lambda where: {"where": where}, wheres))


def of(key: str, tests: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """``{of: key, ...tests}``."""
    return tests.filter(lambda test: isinstance(test, dict)).map(lambda test: {"of": key, **test})


asks = st.one_of(
    st.just({}),
    st.builds(lambda n: {"at_least": n}, st.integers(1, 3)),
    st.builds(lambda a, b: {"at_least": min(a, b), "at_most": max(a, b)}, st.integers(1, 3), st.integers(1, 4)),
    st.builds(lambda word, n: {word: n}, st.sampled_from(("at_most", "exactly")), counts),
    st.builds(
        lambda how, test: {how: test},
        st.sampled_from(("sum", "average", "smallest", "largest")),
        of("price", number_tests(amounts)),
    ),
    st.builds(
        lambda how, test: {how: test},
        st.sampled_from(("sum", "average", "smallest", "largest")),
        of("score", number_tests(numbers)),
    ),
    st.builds(
        lambda key, test: {"distinct": {**test, "of": key}},
        st.sampled_from(("brand", "colour", "product_id", "quantity")),
        of("x", number_tests(counts)),
    ),
    st.builds(lambda how, test: {how: test}, st.sampled_from(("first", "last")), time_tests),
)


def _joined(*parts: dict[str, Any]) -> dict[str, Any]:
    return {key: value for part in parts for key, value in part.items()}


def _said(word: str, *parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda *found: {word: _joined(*found)}, *parts)


event = st.builds(lambda name: {"event": name}, names)
steps = st.lists(st.builds(_joined, event, maybe_where), min_size=2, max_size=4)
_METRIC_TESTS = {
    "money": number_tests(amounts),
    "time": time_tests,
    "text": text_tests,
    "days": number_tests(st.sampled_from((0, 1, 5, 2.5, 9.75))),
}


@st.composite
def _metric_conditions(draw: st.DrawFn) -> dict[str, Any]:
    metric = draw(st.sampled_from(sorted(VOCABULARY.metrics.values(), key=lambda one: one.key)))
    return {"metric": {metric.key: draw(_METRIC_TESTS.get(metric.unit, number_tests(numbers)))}}


conditions = st.one_of(
    _said("did", event, maybe_where, windows, asks),
    _said("did_not", event, maybe_where, windows),
    _said(
        "sequence",
        st.builds(lambda found: {"steps": found}, steps),
        st.builds(lambda span: {"within": span}, durations),
        st.one_of(st.just({}), st.builds(lambda span: {"in_last": span}, durations)),
    ),
    _said(
        "trait", some(city=any_tests, age=any_tests, birthday=any_tests, email=st.just({"known": True})).filter(bool)
    ),
    _metric_conditions(),
    _said(
        "stage",
        st.just({"lifecycle": "shop"}),
        st.builds(lambda found: {"in": found}, st.lists(st.sampled_from(STAGES["shop"]), min_size=1, max_size=2)),
        st.one_of(st.just({}), st.builds(lambda span: {"for_at_least": span}, durations)),
    ),
    _said(
        "consent",
        st.just({"channel": "email"}),
        some(brand=st.sampled_from(("a", "B")), status=st.sampled_from(("granted", "withdrawn", "none"))),
    ),
    _said(
        "message",
        st.just({"reaction": "opened"}),
        some(journey=texts, step=texts, template=texts, channel=st.just("email")),
        windows,
        asks,
    ),
    st.sampled_from(({"segment": "viewers"}, {"segment": "not-viewers"})),
)

rules = st.recursive(
    conditions,
    lambda inner: st.one_of(
        st.builds(lambda part: {"not": part}, inner),
        st.builds(
            lambda word, parts: {word: parts}, st.sampled_from(("all", "any")), st.lists(inner, min_size=1, max_size=3)
        ),
    ),
    max_leaves=4,
)
"""Rules that are right, over :data:`VOCABULARY`."""
