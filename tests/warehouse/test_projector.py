"""The warehouse contains exactly what history says, whatever came in between."""

import random

import duckdb
import pytest
from structlog.testing import capture_logs

from anstoss.store.public import transaction
from anstoss.warehouse import feed
from anstoss.warehouse.file import Unsound
from anstoss.warehouse.public import Projector, content_hash

from .hand import DAY, State


def rows(projector: Projector, query: str) -> list[tuple[object, ...]]:
    with projector.shelf.cursor() as cursor:
        return cursor.execute(query).fetchall()


def rebuilt_hash(projector: Projector) -> tuple[str, str]:
    before = content_hash(projector.shelf.connection)
    projector.rebuild()
    return before, content_hash(projector.shelf.connection)


def test_a_fact_arrives_with_its_hot_columns_and_sorted_json(state: State, projector: Projector) -> None:
    line = {"product_id": "p1", "price": 1990, "quantity": 2}
    state.happened(7, 3, "Order Completed", at=DAY + 5, items=[line], revenue=3980, order_id="a-1", b="ü", a=True)
    assert projector.project(state.con) == 1
    columns = 'person, seq, n, "at", name, brand, day, hour, revenue, order_id, product_id, category'
    assert rows(projector, f"SELECT {columns} FROM facts") == [
        (7, 3, 0, DAY + 5, "Order Completed", "shop", 1, 0, 3980, "a-1", None, None)
    ]
    assert rows(projector, "SELECT props FROM facts") == [('{"a":true,"b":"ü","order_id":"a-1","revenue":3980}',)]
    empty = dict.fromkeys(("sku", "name", "category", "brand", "variant", "coupon"))
    assert rows(projector, "SELECT items FROM facts") == [([line | empty],)]
    assert rows(projector, "FROM persons") == [(7, DAY + 5)]


def test_a_change_is_copied_once_and_then_consumed(state: State, projector: Projector) -> None:
    with transaction(state.con, state.gate):
        for seq in range(2_500):
            state.append(seq % 50, seq, "Page Viewed", at=seq)
    assert projector.project(state.con, limit=2_000) == 2_000
    projector.consumed(state.con, state.gate)
    assert state.waiting() == 500
    assert projector.project(state.con, limit=2_000) == 500
    assert projector.project(state.con) == 0
    projector.consumed(state.con, state.gate)
    assert (state.waiting(), projector.watermark) == (0, 2_500)
    assert rows(projector, "SELECT count(*), count(DISTINCT seq) FROM facts") == [(2_500, 2_500)]


def test_a_fact_that_a_rewrite_brought_early_is_not_doubled(state: State, projector: Projector) -> None:
    state.happened(1, 1, "Page Viewed")
    state.merge(1, 2)
    state.happened(2, 2, "Page Viewed")
    while projector.project(state.con, limit=1):
        pass
    assert rows(projector, "SELECT person, seq FROM facts ORDER BY ALL") == [(2, 1), (2, 2)]


def test_a_merged_person_is_gone_and_the_other_has_everything(state: State, projector: Projector) -> None:
    state.happened(1, 1, "Page Viewed", at=5)
    state.happened(2, 2, "Order Completed", at=9, revenue=100)
    projector.project(state.con)
    state.merge(1, 2)
    projector.project(state.con)
    assert rows(projector, "SELECT person, seq FROM facts ORDER BY ALL") == [(2, 1), (2, 2)]
    assert rows(projector, "SELECT person FROM persons") == [(2,)]


def test_a_person_without_facts_is_known_by_a_rewrite(state: State, projector: Projector) -> None:
    with transaction(state.con, state.gate):
        state.con.execute("INSERT INTO person(person, first_at, profile, standing) VALUES (4, 77, '', '')")
        state.con.execute("INSERT INTO outflow(person) VALUES (4)")
    projector.project(state.con)
    assert rows(projector, "FROM persons") == [(4, 77)]


def test_a_person_known_by_facts_only_begins_with_the_first(state: State, projector: Projector) -> None:
    state.happened(4, 1, "Page Viewed", at=50)
    state.happened(4, 2, "Page Viewed", at=20)
    with transaction(state.con, state.gate):
        state.con.execute("DELETE FROM person")
    projector.project(state.con)
    assert rows(projector, "FROM persons") == [(4, 20)]
    assert len(set(rebuilt_hash(projector))) == 1


def test_an_earlier_first_contact_moves_the_person(state: State, projector: Projector) -> None:
    state.happened(4, 1, "Page Viewed", at=50)
    projector.project(state.con)
    with transaction(state.con, state.gate):
        state.con.execute("UPDATE person SET first_at = 20")
        state.append(4, 2, "Page Viewed", at=20)
    projector.project(state.con)
    assert rows(projector, "FROM persons") == [(4, 20)]


def test_lines_of_a_wrong_form_lose_only_what_does_not_fit(state: State, projector: Projector) -> None:
    good = {"product_id": "p1", "price": 3.0, "quantity": 1}
    state.happened(1, 1, "Order Completed", items=[good])
    projector.project(state.con)
    state.happened(1, 2, "Order Completed", items=[good, {"sku": 7, "price": "dear", "quantity": True}])
    state.happened(1, 3, "Order Completed", order_id=9, revenue=2**63)
    projector.project(state.con)
    lines = rows(
        projector, "SELECT seq, i.product_id, i.sku, i.price, i.quantity FROM (SELECT seq, unnest(items) i FROM facts)"
    )
    assert sorted(lines, key=str) == [(1, "p1", None, 3, 1.0), (2, "p1", None, 3, 1.0), (2, None, None, None, 1.0)]
    assert rows(projector, "SELECT order_id, revenue, props FROM facts WHERE seq = 3") == [
        (None, None, '{"order_id":9,"revenue":9223372036854775808}')
    ]
    assert len(set(rebuilt_hash(projector))) == 1


def test_rebuilt_equals_projected_after_any_mixture(state: State, projector: Projector) -> None:
    chance = random.Random(1)  # noqa: S311  repeatable, not secret
    for seq in range(1, 1_000):
        person = chance.randrange(1, 40)
        if chance.random() < 0.03:
            state.merge(person, chance.randrange(1, 40))
        elif chance.random() < 0.05 and seq > 10:
            state.happened(person, chance.randrange(1, seq), "Page Viewed", at=seq, path="again")
        else:
            state.happened(person, seq, "Page Viewed", at=seq, n=chance.randrange(2), path=str(seq))
        if chance.random() < 0.1:
            projector.project(state.con, limit=chance.randrange(1, 60))
            if chance.random() < 0.5:
                projector.consumed(state.con, state.gate)
    projector.catch_up(state.con, state.gate)
    stored = state.con.execute("SELECT person, seq, n FROM history ORDER BY 1, 2, 3").fetchall()
    assert rows(projector, "SELECT person, seq, n FROM facts ORDER BY ALL") == stored
    assert len(set(rebuilt_hash(projector))) == 1


def test_the_fingerprint_sees_one_changed_property_and_one_doubled_row(state: State, projector: Projector) -> None:
    state.happened(1, 1, "Page Viewed", path="a")
    projector.project(state.con)
    con = projector.shelf.connection
    seen = {content_hash(con)}
    con.execute("INSERT INTO facts FROM facts")
    seen.add(content_hash(con))
    con.execute("UPDATE facts SET props = 'b'")
    seen.add(content_hash(con))
    assert len(seen) == 3


def test_a_rebuild_in_batches_is_complete(state: State, projector: Projector, monkeypatch: pytest.MonkeyPatch) -> None:
    for seq in range(100):
        state.happened(seq % 7, seq, "Page Viewed")
    projector.catch_up(state.con, state.gate)
    monkeypatch.setattr("anstoss.warehouse.projector.BATCH", 6)
    monkeypatch.setattr(feed, "CHUNK", 3)
    assert len(set(rebuilt_hash(projector))) == 1
    assert projector.project(state.con) == 0


def test_what_happens_during_a_rebuild_is_in_it(
    state: State, projector: Projector, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seq in range(1, 20):
        state.happened(seq % 5, seq, "Page Viewed")
    monkeypatch.setattr("anstoss.warehouse.projector.BATCH", 4)
    monkeypatch.setattr(feed, "CHUNK", 4)
    plain, turns = feed._chunk, iter(range(20, 40))

    def and_meanwhile(batch: list[tuple[object, ...]]) -> object:
        for seq in (next(turns, None), next(turns, None)):
            if seq is not None:
                state.happened(seq % 2 * 4, seq, "Page Viewed")
        state.merge(1, 3)
        return plain(batch)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(feed, "_chunk", and_meanwhile)
        projector.rebuild()
    projector.catch_up(state.con, state.gate)
    stored = state.con.execute("SELECT person, seq, n FROM history ORDER BY 1, 2, 3").fetchall()
    assert rows(projector, "SELECT person, seq, n FROM facts ORDER BY ALL") == stored
    assert len(set(rebuilt_hash(projector))) == 1


@pytest.mark.parametrize("harm", ["missing", "garbage", "cut", "one bit", "layout", "older", "newer"])
def test_a_file_that_is_not_sound_is_rebuilt_on_start_and_said(state: State, harm: str) -> None:
    with transaction(state.con, state.gate):
        for seq in range(1, 3_000):
            state.append(seq, seq, "Page Viewed", path=f"/{seq * 7919}")
    first = Projector(state.home, "256MB")
    expected = content_hash(first.shelf.connection)
    path = state.home.duckdb_file
    if harm == "layout":
        first.shelf.connection.execute("UPDATE projected SET layout = 0")
    if harm == "older":
        first.shelf.connection.execute("UPDATE projected SET change = 5")
        with transaction(state.con, state.gate):
            state.con.execute("DELETE FROM outflow WHERE change <= 6")
    if harm == "newer":
        first.shelf.connection.execute("UPDATE projected SET change = 1000000")
    first.close()
    content = bytearray(path.read_bytes())
    if harm == "missing":
        path.unlink()
    if harm == "garbage":
        path.write_bytes(b"not a database" * 1000)
    if harm == "cut":
        path.write_bytes(content[: len(content) // 2])
    if harm == "one bit":
        content[content.index(b"Page Viewed")] ^= 1
        path.write_bytes(content)
    with capture_logs() as said:
        second = Projector(state.home, "256MB")
    assert [entry["event"] for entry in said] == ["warehouse is rebuilt"]
    assert content_hash(second.shelf.connection) == expected
    second.close()


def test_a_sound_file_is_kept(state: State, projector: Projector) -> None:
    state.happened(1, 1, "Page Viewed")
    projector.catch_up(state.con, state.gate)
    projector.close()
    with capture_logs() as said:
        again = Projector(state.home)
    assert said == []
    assert (again.watermark, rows(again, "SELECT count(*) FROM facts")) == (1, [(1,)])
    state.happened(1, 2, "Page Viewed")
    assert again.project(state.con) == 1
    again.close()


def test_damage_met_while_running_is_repaired(state: State, projector: Projector) -> None:
    state.happened(1, 1, "Page Viewed")
    projector.catch_up(state.con, state.gate)
    projector.damaged = True
    with capture_logs() as said:
        projector.project(state.con)
    assert [entry["event"] for entry in said] == ["warehouse is rebuilt"]
    assert rows(projector, "SELECT count(*) FROM facts") == [(1,)]


def test_an_error_that_is_no_damage_is_raised_and_changes_nothing(state: State, projector: Projector) -> None:
    projector.shelf.connection.execute("ALTER TABLE persons RENAME TO people")
    state.happened(1, 1, "Page Viewed")
    with pytest.raises(duckdb.CatalogException):
        projector.project(state.con)
    assert rows(projector, "SELECT count(*) FROM facts") == [(0,)]
    projector.shelf.connection.execute("ALTER TABLE people RENAME TO persons")
    assert projector.project(state.con) == 1


def test_no_read_transaction_is_open_while_the_warehouse_writes(state: State, projector: Projector) -> None:
    state.happened(1, 1, "Page Viewed")
    portion = feed.portion(state.con, 0, 10)
    assert (portion.changes, state.con.in_transaction) == (1, False)


def test_a_closed_warehouse_says_so(state: State, projector: Projector) -> None:
    projector.close()
    with pytest.raises(Unsound, match="closed"), projector.shelf.cursor():
        pass
