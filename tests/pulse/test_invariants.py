"""Invariants 4 and 5: same rows, versions and clock, same outcome, however they are cut or crashed."""

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from anstoss.brands.public import DAY, HOUR, MINUTE, ManualClock
from anstoss.log.public import Appended, Log, NewEvent
from anstoss.pulse.engine import Pulse
from anstoss.store.public import connect

from .homes import TEMPLATE, Shop
from .test_stories import BASKET

SEGMENTS = """
---
segment: looked
rule: {did: {event: Product Viewed, at_least: 2, within: 1d}}
---
segment: growing
rule: {all: [{stage: {lifecycle: shop, in: [growth]}}, {segment: looked}]}
"""
WHO = st.sampled_from(
    [
        ("anon:a",),
        ("anon:b",),
        ("user:shop/1", "anon:a"),
        ("user:shop/2", "anon:a"),
        ("user:shop/2", "anon:b"),
        ("user:shop/1", "email:x@example.org"),
        ("email:x@example.org", "anon:b"),
        ("user:other/9", "email:x@example.org"),
    ]
)
WHAT = st.sampled_from(
    [
        ("Product Viewed", {"product_id": "p"}),
        ("Checkout Started", {"order_id": "B1", "value": 10}),
        ("Order Completed", {"order_id": "B1", "revenue": 10}),
        ("Order Completed", {"order_id": "B2", "revenue": 20}),
        ("Order Refunded", {"order_id": "B2"}),
        ("Email Link Clicked", {}),
        ("Consent Granted", {"channel": "email"}),
    ]
)
STEP = st.tuples(
    WHO,
    WHAT,
    st.sampled_from([0, 1, MINUTE, HOUR, DAY, 40 * DAY, 100 * DAY]),
    st.sampled_from([0, 0, 0, HOUR, 200 * DAY]),
)
PHASES = [Phase.explicit, Phase.generate]  # shrinking whole homes takes longer than reading a story
STORY = st.lists(STEP, min_size=1, max_size=14)


def lived(path: Path, story: list[Any]) -> Shop:
    """The story played, folded step by step; segments are published half-way."""
    shop = Shop(path)
    shop.publish(TEMPLATE + BASKET)
    for index, (who, (name, properties), pause, late) in enumerate(story):
        shop.clock.advance(pause)
        if index == len(story) // 2:
            shop.publish(SEGMENTS, start=False)
        shop.happens(name, properties, who=who, occurred_at=shop.clock.now() - late, live=late < DAY)
        shop.pulse.catch_up()
    shop.clock.advance(3 * DAY)
    shop.pulse.catch_up()
    return shop


def rebuilt(shop: Shop, path: Path, batch: int) -> tuple[Shop, dict[str, tuple[Any, ...]]]:
    """The same log folded into an empty state in batches of this size, and what the engine did on the way."""
    copytree(shop.path, path)
    for file in path.glob("state.db*"):
        file.unlink()
    again = Shop(path, clock=ManualClock(shop.clock.now()))
    again.pulse._batch_size = batch
    done: dict[str, tuple[Any, ...]] = {}
    append = again.log.append

    def noting(events: Sequence[NewEvent], **more: Any) -> Appended:
        done.update({e.message_id: (e.identity, e.name, e.brand, e.occurred_at, e.live, e.payload) for e in events})
        return append(events, **more)

    again.log.append = noting  # type: ignore[method-assign]
    again.pulse.catch_up()
    return again, done


def same_state(one: Shop, other: Shop) -> None:
    mine, theirs = one.state(), other.state()
    for table, rows in mine.items():
        differing = [(a, b) for a, b in zip_longest(rows, theirs[table]) if a != b]
        assert differing == [], table


@settings(max_examples=40, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
@given(STORY, st.sampled_from([1, 2, 5, 1_000]))
def test_a_rebuild_in_any_batches_gives_the_same_rows_and_the_same_state(story: list[Any], batch: int) -> None:
    with TemporaryDirectory() as folder:
        shop = lived(Path(folder, "lived"), story)
        again, done = rebuilt(shop, Path(folder, "again"), batch)
        assert done == shop.engine_rows(), "what is regenerated is what was stored"
        assert again.log.head() == shop.log.head(), "nothing new was logged"
        same_state(shop, again)


@settings(max_examples=15, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
@given(STORY)
def test_people_are_independent_so_the_log_can_be_sharded(story: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        shop = lived(Path(folder, "lived"), story)
        together: dict[str, tuple[Any, ...]] = {}
        for number, keys in enumerate(shards(story)):
            shard = Path(folder, f"shard{number}")
            copytree(shop.path, shard)
            others = [row.seq for row in shop.log.read(0, 10_000) if row.identity and not keys & set(row.identity)]
            con = connect(shard / "log.db")
            con.execute(f"DELETE FROM events WHERE seq IN ({','.join(map(str, others))})")
            con.close()
            again, done = rebuilt(Shop(shard, clock=ManualClock(shop.clock.now())), Path(folder, f"again{number}"), 3)
            together |= done
            of_shop = shop.state()
            for table in ("history", "stage", "membership", "enrolment"):
                assert set(again.state()[table]) <= set(of_shop[table]), table
        assert together == shop.engine_rows()


def shards(story: list[Any]) -> list[set[str]]:
    """Identities that have anything to do with each other: the smallest shards there can be."""
    groups: list[set[str]] = []
    for who, *_ in story:
        touched = [group for group in groups if group & set(who)]
        groups = [group for group in groups if group not in touched] + [set(who).union(*touched)]
    return groups


def test_who_settles_and_is_absorbed_in_one_batch_leaves_no_stage_behind(tmp_path: Path) -> None:
    story = [
        (("anon:b",), ("Order Completed", {"order_id": "B1", "revenue": 10}), 0, 0),
        (("user:other/9", "email:x@example.org"), ("Checkout Started", {"order_id": "B1"}), 40 * DAY, 0),
        (("user:other/9", "email:x@example.org"), ("Email Link Clicked", {}), 40 * DAY, 200 * DAY),
        (("user:shop/2", "anon:a"), ("Order Refunded", {"order_id": "B2"}), HOUR, HOUR),
        (("email:x@example.org", "anon:b"), ("Consent Granted", {"channel": "email"}), HOUR, HOUR),
    ]
    shop = lived(tmp_path / "lived", story)
    again, _ = rebuilt(shop, tmp_path / "again", 1)
    same_state(shop, again)


@pytest.mark.parametrize("crash_at", range(1, 7))
def test_a_crash_at_any_commit_changes_nothing(tmp_path: Path, crash_at: int) -> None:
    story = [
        (("anon:a",), ("Product Viewed", {"product_id": "p"}), MINUTE, 0),
        (("user:shop/1", "anon:a"), ("Checkout Started", {"order_id": "B1"}), MINUTE, 0),
        (("anon:b",), ("Product Viewed", {"product_id": "p"}), 2 * HOUR, 0),
        (("user:shop/1", "anon:b"), ("Order Completed", {"order_id": "B1", "revenue": 3}), MINUTE, 0),
        (("user:shop/1",), ("Order Completed", {"order_id": "B0", "revenue": 3}), MINUTE, 300 * DAY),
    ]
    shop = Shop(tmp_path / "crashed")
    shop.publish(TEMPLATE + BASKET + SEGMENTS)
    crashes = Crashes(shop, crash_at)
    for who, (name, properties), pause, late in story:
        shop.clock.advance(pause)
        shop.happens(name, properties, who=who, occurred_at=shop.clock.now() - late, live=late < DAY)
        crashes.catch_up()
    shop.clock.advance(3 * DAY)
    crashes.catch_up()
    assert crashes.happened
    again, done = rebuilt(shop, tmp_path / "again", 1_000)
    assert done == shop.engine_rows()
    same_state(shop, again)


class Crashes:
    """A pulse that dies just before its n-th write to the log, once, and is started again."""

    def __init__(self, shop: Shop, at: int) -> None:
        self.shop, self.left, self.happened = shop, at, False

    def catch_up(self) -> None:
        append = self.shop.log.append

        def dying(events: Any, **more: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                self.happened = True
                raise KeyboardInterrupt
            return append(events, **more)

        self.shop.pulse.log.append = dying  # type: ignore[method-assign]
        try:
            self.shop.pulse.catch_up()
        except KeyboardInterrupt:
            self.shop.pulse.con.close()
            self.shop.log = Log(self.shop.home, self.shop.clock, durable=False)
            self.shop.pulse = Pulse(self.shop.home, self.shop.log, self.shop.clock)
            self.shop.pulse.catch_up()
        else:
            del self.shop.pulse.log.append
