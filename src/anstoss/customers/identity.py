"""Who is meant by the identities of an event: deterministic resolution and merging.

Guarantees:

* A person has at most one user id per namespace, unless a source says so itself with ``alias``. Identities that would
  give her two are not merged; the conflict is kept as a candidate for a human.
* Two known users on one device are never melted: the device follows the user who identified last, what was done
  before stays with the first.
* When two persons turn out to be one, the one known first survives.
* The person number depends only on the identities and the order of rows, never on other people: it is a hash of the
  first identity. The order of identities within a row means nothing.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

_STRENGTH = {"user": 0, "ext": 1, "email": 2, "phone": 3, "anon": 4}


def kind_of(key: str) -> str:
    """``user``, ``ext``, ``email``, ``phone`` or ``anon``."""
    return key.partition(":")[0]


def namespace_of(key: str) -> str:
    """Within which a user id is unique: ``user:shop/17`` gives ``shop``."""
    return key.partition(":")[2].partition("/")[0]


def person_number(key: str) -> int:
    """The number of the person whose first identity is ``key``: 62 bits of a hash."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") >> 2


class Register(Protocol):
    """What resolution must be able to look up."""

    def owner(self, key: str) -> int | None:
        """The person this identity belongs to now."""

    def keys(self, person: int) -> Iterable[str]:
        """All identities of a person."""

    def first_seq(self, person: int) -> int:
        """The log position at which a person was first seen."""

    def taken(self, person: int) -> bool:
        """Whether this person number is in use."""


@dataclass(frozen=True)
class Resolution:
    """What an event's identities say. The caller carries it out."""

    person: int
    is_new: bool = False
    attach: tuple[str, ...] = ()
    """Identities that belong to the person from now on (new ones, and devices that change hands)."""
    merge: tuple[tuple[int, int], ...] = ()
    """(survivor, absorbed) pairs, in order; the last survivor is ``person``."""
    conflicts: tuple[tuple[str, int], ...] = ()
    """(identity, its person) that could not be joined: candidates for a merge by a human."""


@dataclass
class _Join:
    register: Register
    force: bool
    person: int | None = None
    users: dict[str, str] = field(default_factory=dict)
    attach: list[str] = field(default_factory=list)
    merge: list[tuple[int, int]] = field(default_factory=list)
    conflicts: list[tuple[str, int]] = field(default_factory=list)

    def meet(self, key: str) -> None:
        owner = self.register.owner(key)
        for survivor, absorbed in self.merge:
            owner = survivor if owner == absorbed else owner
        if owner is None:
            self.attach.append(key)
        elif owner == self.person:
            return
        elif not self._compatible(key, owner):
            if kind_of(key) == "anon":
                self.attach.append(key)
            else:
                self.conflicts.append((key, owner))
        else:
            self._take_over(owner)

    def _compatible(self, key: str, owner: int) -> bool:
        if self.force and kind_of(key) == "user":
            return True
        theirs = {key for key in self.register.keys(owner) if kind_of(key) == "user"}
        spaces = {namespace_of(key) for key in theirs}  # after an alias she has several ids in one
        return all(key in theirs for space, key in self.users.items() if space in spaces)

    def _take_over(self, owner: int) -> None:
        for key in self.register.keys(owner):
            if kind_of(key) == "user":
                self.users.setdefault(namespace_of(key), key)
        if self.person is None:
            self.person = owner
            return
        pair = (self.person, owner)
        survivor, absorbed = sorted(pair, key=lambda person: (self.register.first_seq(person), person))
        self.merge.append((survivor, absorbed))
        self.person = survivor


def resolve(identity: Iterable[str], register: Register, *, force: bool = False) -> Resolution:
    """Who an event with these identities belongs to, and what that makes of persons known so far.

    ``force`` merges even two user ids of one namespace: only an ``alias`` call, in which the source itself says that
    both are one, may ask for it. It says nothing of devices and addresses that come with them.
    """
    identity = set(identity)
    owners = {register.owner(key) for key in identity}
    if len(owners) == 1 and (owner := owners.pop()) is not None:  # by far the most frequent: nothing new about her
        return Resolution(owner)
    keys = sorted(identity, key=lambda key: (_STRENGTH[kind_of(key)], key))
    users = {namespace_of(key): key for key in keys if kind_of(key) == "user"}
    join = _Join(register, force, users=users)
    for key in keys:
        join.meet(key)
    is_new = join.person is None
    if join.person is None:
        number = person_number(keys[0])
        while register.taken(number):
            number += 1
        join.person = number
    return Resolution(join.person, is_new, tuple(join.attach), tuple(join.merge), tuple(join.conflicts))
