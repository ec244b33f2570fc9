"""Chance by key: every throw belongs to a name, never to the order in which things happen to be computed."""

from hashlib import blake2b
from random import Random


def chance(*key: object) -> Random:
    """A stream of its own for this key; the same key gives the same stream in every process."""
    digest = blake2b("/".join(map(str, key)).encode(), digest_size=8).digest()
    return Random(int.from_bytes(digest, "big"))  # noqa: S311 - a simulation wants repeatable chance, not secrecy
