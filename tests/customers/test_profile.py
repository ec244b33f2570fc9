"""What is known about a person: the newest statement, in the profile and in the facts alike."""

from itertools import permutations

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anstoss.customers.profile import MAX_TRAITS
from anstoss.customers.public import Profile, Scalar

STATEMENTS = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from([None, "", "Berlin", "Wien", 3, 3.5, True])), min_size=1, max_size=8
)


def by_facts(facts: list[tuple[int, int, dict[str, Scalar]]], key: str) -> Scalar:
    """The value of a trait as rules read it: that of the last fact that has it, empty when there is none."""
    found: Scalar = ""
    for _, _, news in sorted(facts, key=lambda fact: fact[:2]):
        found = news.get(key, found)
    return found


@given(STATEMENTS)
@example([(1, "Wien"), (3, "Wien"), (2, "Berlin")])
@example([(3, None), (1, "Wien")])
def test_the_newest_statement_wins_whatever_the_order_of_arrival(statements: list[tuple[int, object]]) -> None:
    profile = Profile()
    facts = [(at, seq, profile.learn({"city": value}, at, seq)) for seq, (at, value) in enumerate(statements)]
    _, _, newest = max((at, seq, value) for seq, (at, value) in enumerate(statements))
    assert profile.get("city") == newest
    folded = newest.lower() if isinstance(newest, str) else newest
    assert by_facts(facts, "city") == ("" if folded is None else folded), "rules see what the profile says"


@given(STATEMENTS)
def test_joined_profiles_know_what_one_would_have_learnt(statements: list[tuple[int, object]]) -> None:
    whole, halves = Profile(), (Profile(), Profile())
    for seq, (at, value) in enumerate(statements):
        whole.learn({"city": value}, at, seq)
        halves[seq % 2].learn({"city": value}, at, seq)
    for one, other in permutations(halves):
        joined = msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=Profile)
        joined.absorb(other)
        assert joined.get("city") == whole.get("city")


def test_what_is_stated_again_is_no_news() -> None:
    profile = Profile()
    assert profile.learn({"city": "Wien"}, 1, 1) == {"city": "wien"}
    assert profile.learn({"city": "Wien"}, 2, 2) == {}
    assert profile.learn({"city": "Graz"}, 3, 3) == {"city": "graz"}


def test_a_null_takes_a_trait_away_and_nothing_else_does() -> None:
    profile = Profile()
    profile.learn({"city": "Wien", "plan": "gold"}, 1, 1)
    assert profile.learn({"city": None}, 2, 2) == {"city": ""}
    assert dict(profile.readable()) == {"plan": "gold"}
    assert profile.text("city") == profile.text("never") == ""
    assert profile.learn({"never": None}, 3, 3) == {}, "what was never known needs no fact to be missing"


def test_direct_identifiers_are_kept_here_and_only_known_elsewhere() -> None:
    profile = Profile()
    traits = {"email": "Anna@X.example", "firstName": "Anna", "address": {"street": "Weg 1", "city": "Wien"}, "age": 30}
    news = profile.learn(traits, 1, 1)
    assert news == {"email": True, "first_name": True, "address.street": True, "address.city": "wien", "age": 30}
    assert profile.get("email") == "Anna@X.example"
    assert profile.text("first_name") == "Anna"
    assert profile.learn({"email": ""}, 2, 2) == {"email": ""}, "known no longer"


@pytest.mark.parametrize(
    ("traits", "news"),
    [
        ({"total": "19.99", "value": 0.1 + 0.2}, {"total": 1999, "value": 30}),
        ({"tags": ["Red", "Blue", {"x": 1}]}, {"tags": "red, blue"}),
        ({"deep": {"er": {"still": 1}}}, {}),
        ({"rating": "many"}, {}),
        ({"x": float("nan")}, {}),
        ({"createdAt": "2026-05-01"}, {"created_at": "2026-05-01T00:00:00.000000Z"}),
    ],
)
def test_traits_are_folded_like_properties(traits: dict[str, object], news: dict[str, Scalar]) -> None:
    assert Profile().learn(traits, 1, 1) == news


def test_what_cannot_be_asked_for_still_replaces_what_could() -> None:
    profile = Profile()
    profile.learn({"rating": 5}, 1, 1)
    assert profile.learn({"rating": "many"}, 2, 2) == {"rating": ""}


def test_money_is_in_minor_units_of_the_currency() -> None:
    assert Profile().learn({"value": 1200}, 1, 1, minor=1) == {"value": 1200}


def test_one_person_cannot_fill_the_disk() -> None:
    profile = Profile()
    news = profile.learn({f"t{number}": number for number in range(MAX_TRAITS + 5)}, 1, 1)
    assert len(news) == len(profile.traits) == MAX_TRAITS
    assert profile.learn({"t0": -1, "new": 1}, 2, 2) == {"t0": -1}
