"""Who is meant: the guarantees of resolution, over any stream of identities."""

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anstoss.customers.public import kind_of, namespace_of, person_number, resolve

from .people import People

USERS = st.sampled_from(["user:shop/1", "user:shop/2", "user:shop/3", "user:travel/1", "user:travel/2"])
FEW = st.sets(
    st.sampled_from(
        ["ext:pos/1", "ext:pos/2", "email:a@x.example", "email:b@x.example", "phone:+491", "anon:a", "anon:b"]
    ),
    max_size=3,
)


@st.composite
def identities(draw: st.DrawFn) -> tuple[str, ...]:
    """What intake puts into one row: at most one user id."""
    keys = sorted(draw(FEW))
    keys += [draw(USERS)] if draw(st.booleans()) else []
    return tuple(draw(st.permutations(keys))) or ("anon:c",)


STREAMS = st.lists(identities(), max_size=25)


def after(stream: list[tuple[str, ...]]) -> People:
    people = People()
    for row in stream:
        people.happens(*row)
    return people


@given(STREAMS)
def test_nobody_has_two_user_ids_of_one_namespace(stream: list[tuple[str, ...]]) -> None:
    for keys in after(stream).persons().values():
        spaces = Counter(namespace_of(key) for key in keys if kind_of(key) == "user")
        assert [space for space, ids in spaces.items() if ids > 1] == []


@given(STREAMS)
def test_two_known_users_are_two_persons_for_ever(stream: list[tuple[str, ...]]) -> None:
    people, apart = People(), set[frozenset[str]]()
    for row in stream:
        people.happens(*row)
        users = [key for key in people.owners if key.startswith("user:shop/")]
        apart |= {frozenset(pair) for pair in combinations(users, 2)}
        assert all(len({people.owners[key] for key in pair}) == 2 for pair in apart)


@given(STREAMS)
def test_an_event_belongs_to_its_user_and_every_identity_to_somebody(stream: list[tuple[str, ...]]) -> None:
    people = People()
    for row in stream:
        found = people.happens(*row)
        assert set(row) <= people.owners.keys()
        assert set(people.owners.values()) == set(people.first), "no owner without a person, no person without identity"
        for key in row:
            if kind_of(key) in ("user", "anon"):
                assert people.owners[key] == found.person, "the device follows the user"
        assert {key for key, _ in found.conflicts} == {key for key in row if people.owners[key] != found.person}
        assert all(people.owners[key] == other for key, other in found.conflicts), "kept for a human to decide"


@given(STREAMS, st.randoms(use_true_random=False))
def test_the_order_of_identities_in_a_row_means_nothing(stream: list[tuple[str, ...]], chance: object) -> None:
    people = People()
    for row in stream:
        turned = list(row) * 2
        chance.shuffle(turned)  # type: ignore[attr-defined]
        assert resolve(turned, people) == resolve(row, people)
        people.happens(*row)


@given(STREAMS, STREAMS, st.randoms(use_true_random=False))
def test_others_change_nothing(mine: list[tuple[str, ...]], theirs: list[tuple[str, ...]], chance: object) -> None:
    others = [tuple(f"{key}-other" for key in row) for row in theirs]
    mixed = [(row, True) for row in mine]
    for row in others:
        mixed.insert(chance.randint(0, len(mixed)), (row, False))  # type: ignore[attr-defined]
    together = after([row for row, _ in mixed])
    alone = after(mine)
    assert {key: together.owners[key] for key in alone.owners} == alone.owners


@given(STREAMS)
def test_a_person_keeps_her_number_until_she_is_joined_to_somebody_older(stream: list[tuple[str, ...]]) -> None:
    people, seen = People(), dict[int, int]()
    for row in stream:
        people.happens(*row)
        seen |= people.first
    assert set(seen) == people.first.keys() | people.absorbed.keys()
    assert all(seen[survivor] <= seen[gone] for gone, survivor in people.absorbed.items())


@given(STREAMS, st.permutations(["user:shop/1", "user:shop/2"]))
def test_alias_makes_two_user_ids_one_and_nobody_else(stream: list[tuple[str, ...]], pair: list[str]) -> None:
    people = after(stream)
    people.happens("user:shop/1")
    people.happens("user:shop/2")
    third = people.owners.get("user:shop/3")
    people.happens(*pair, "anon:a", alias=True)
    assert people.owners["user:shop/1"] == people.owners["user:shop/2"] == people.owners["anon:a"]
    assert people.owners.get("user:shop/3") == third
    assert third != people.owners["user:shop/1"] or third is None


def test_alias_to_the_same_id_changes_nothing() -> None:
    people = People()
    people.happens("user:shop/1", "anon:a")
    found = people.happens("user:shop/1", "user:shop/1", alias=True)
    assert (found.merge, found.attach, found.conflicts) == ((), (), ())


def test_alias_from_a_device_that_is_another_users_takes_the_device_only() -> None:
    people = People()
    people.happens("user:shop/1", "anon:a", "email:a@x.example")
    people.happens("user:shop/2", "anon:a", "user:shop/a", alias=True)  # the library's default: alias(new id)
    assert people.owners["user:shop/1"] == people.owners["email:a@x.example"]
    assert people.owners["user:shop/2"] == people.owners["anon:a"] != people.owners["user:shop/1"]


def test_what_two_users_did_on_one_device_stays_with_whoever_was_known_then() -> None:
    people = People()
    browsing = people.happens("anon:a").person
    assert people.happens("user:shop/1", "anon:a").person == browsing, "she logs in: what she browsed is hers"
    second = people.happens("user:shop/2", "anon:a").person
    assert second != browsing
    assert people.happens("anon:a").person == second
    assert people.happens("user:shop/1", "anon:a").person == browsing
    assert people.happens("anon:a").person == browsing


def test_two_become_one_under_the_older_number_and_three_in_one_row_too() -> None:
    people = People()
    a, b, c = (people.happens(key).person for key in ("anon:a", "anon:b", "email:a@x.example"))
    found = people.happens("anon:b", "anon:a", "email:a@x.example")
    assert found.person == a == people.owners["anon:b"]
    assert {gone for _, gone in found.merge} == {b, c}
    assert len(people.persons()) == 1


def test_a_number_that_is_taken_is_not_given_twice() -> None:
    people = People()
    people.first[person_number("anon:a")] = 1
    assert people.happens("anon:a").person == person_number("anon:a") + 1


@pytest.mark.parametrize("key", ["anon:a", "user:shop/1", "email:x@y.example"])
def test_numbers_fit_a_signed_integer_of_63_bits(key: str) -> None:
    assert 0 <= person_number(key) < 2**62


def test_after_an_alias_both_user_ids_are_hers() -> None:
    people = People()
    people.happens("user:shop/1")
    people.happens("user:shop/2", "user:shop/1", alias=True)
    for who in ("user:shop/1", "user:shop/2"):
        found = people.happens(who, f"anon:{who}")
        assert (found.is_new, found.conflicts) == (False, ())
    assert len(set(people.owners.values())) == 1
