"""Questions through the engine's socket: answered, refused, limited, and harmless to the projection."""

import os
import re
import socket
import stat
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest
from structlog.testing import capture_logs

from anstoss.warehouse import engine_socket, questions
from anstoss.warehouse.public import EngineSocket, Projector, QuestionRefused, Questions, Unavailable, ask, local

from .hand import DAY, State

ENDLESS = "SELECT count(*) AS person FROM range(100000000000) t(i) WHERE hash(i) = 3 AND $now > 0"


def sql_of_rule(body: object) -> str:
    """Stands for the rules room: the body is the name of a rule written in SQL."""
    rules = {
        "everyone": "SELECT person FROM persons",
        "viewers": "SELECT DISTINCT f.person FROM facts f WHERE f.name = 'Page Viewed' AND f.\"at\" <= $now",
        "endless": ENDLESS,
        "large": "SELECT range AS person FROM range(1000000)",
    }
    if not isinstance(body, str):
        raise ValueError(f"rule: {body!r} is not a condition")
    return rules[body]


@pytest.fixture
def served(state: State, projector: Projector) -> Iterator[State]:
    for seq in range(1, 11):
        state.happened(seq, seq, "Page Viewed" if seq % 2 else "Product Viewed", at=seq * DAY)
    projector.project(state.con)
    door = EngineSocket(state.home, Questions(projector, sql_of_rule, seconds=1.0), threads=2)
    yield state
    door.close()


def raw(state: State, sent: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(str(state.home.engine_socket))
        connection.sendall(sent)
        received = b""
        while part := connection.recv(65_536):
            received += part
    return received


def test_a_relation_is_answered_as_arrow(served: State) -> None:
    answer = ask(served.home, "event_counts", since=0, until=100 * DAY)
    assert answer.to_pylist() == [
        {"name": "Page Viewed", "facts": 5, "people": 5, "last_at": 9 * DAY},
        {"name": "Product Viewed", "facts": 5, "people": 5, "last_at": 10 * DAY},
    ]
    assert ask(served.home, "totals", as_of=3 * DAY).to_pylist() == [
        {"people": 3, "facts": 3, "first_at": DAY, "last_at": 3 * DAY, "change": 10}
    ]


def test_the_other_relations_are_answered(served: State, projector: Projector) -> None:
    served.happened(1, 50, "Order Completed", at=3 * DAY, order_id="a", revenue=700)
    served.happened(1, 51, "Order Refunded", at=3 * DAY, order_id="a", revenue=-200)
    served.happened(1, 52, "Stage Entered", at=3 * DAY, lifecycle="shop", stage="new")
    projector.project(served.con)
    days = {"from_day": 0, "until_day": 9}
    assert ask(served.home, "revenue_by_day", **days).to_pylist() == [
        {"day": 3, "brand": "shop", "orders": 1, "buyers": 1, "gross": 700, "returned": -200, "net": 500}
    ]
    assert ask(served.home, "stage_sizes", as_of=9 * DAY).to_pylist() == [
        {"lifecycle": "shop", "stage": "new", "people": 1}
    ]
    assert ask(served.home, "stage_flows", lifecycle="shop", **days).to_pylist() == [
        {"lifecycle": "shop", "from_stage": "", "stage": "new", "moves": 1}
    ]
    metrics = ask(served.home, "person_metrics", person=1, as_of=9 * DAY).to_pylist()
    assert [(row["orders"], row["net_revenue"]) for row in metrics] == [(1, 500)]


def test_an_empty_answer_has_columns(served: State) -> None:
    answer = ask(served.home, "event_counts", since=0, until=0)
    assert (answer.num_rows, answer.column_names) == (0, ["name", "facts", "people", "last_at"])


def test_a_rule_is_counted_and_its_people_listed(served: State) -> None:
    assert ask(served.home, "rule_count", rule="everyone", now=0).to_pylist() == [{"people": 10}]
    assert ask(served.home, "rule_count", rule="viewers", now=4 * DAY).to_pylist() == [{"people": 2}]
    people = ask(served.home, "rule_people", rule="viewers", now=100 * DAY, limit=3)
    assert people.column("person").to_pylist() == [1, 3, 5]


@pytest.mark.parametrize(
    ("relation", "parameters", "kind", "says"),
    [
        ("nothing", {}, "unknown_relation", "there are: event_counts"),
        ("totals", {}, "bad_parameters", "totals needs: as_of"),
        ("totals", {"as_of": 1, "self": 2}, "bad_parameters", "totals needs: as_of"),
        ("totals", {"as_of": None}, "bad_parameters", "totals.as_of: expected a number or text"),
        ("totals", {"as_of": [1]}, "bad_parameters", "totals.as_of: expected a number or text"),
        ("totals", {"as_of": "soon"}, "bad_parameters", "soon"),
        ("rule_count", {"rule": {"al": []}, "now": 1}, "bad_rule", "is not a condition"),
        ("rule_people", {"rule": "large", "now": 1, "limit": 1_000_000}, "too_large", "ask for less"),
        ("rule_count", {"rule": "endless", "now": 1}, "took_too_long", "took over 1 s"),
    ],
)
def test_a_question_is_refused_with_its_reason(
    served: State, relation: str, parameters: dict[str, object], kind: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "ANSWER_BYTES", 2**20)
    with pytest.raises(QuestionRefused, match=re.escape(says)) as refusal:
        ask(served.home, relation, **parameters)
    assert refusal.value.kind == kind
    assert ask(served.home, "totals", as_of=0).num_rows == 1


@pytest.mark.parametrize(
    "sent",
    [
        b"\n",
        b"GET / HTTP/1.1\r\n",
        b"[]\n",
        b'"totals"\n',
        b'{"relation": 1}\n',
        b'{"relation":"a","parameters":[]}\n',
        b"\xff\n",
    ],
)
def test_garbage_is_refused(served: State, sent: bytes) -> None:
    assert orjson.loads(raw(served, sent))["error"]["kind"] == "bad_request"


def test_a_line_without_end_is_refused(served: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_socket, "REQUEST_BYTES", 1_000)
    assert orjson.loads(raw(served, b"x" * 2_000))["error"]["kind"] == "bad_request"


def test_askers_that_say_nothing_or_go_away_hold_nobody_up(served: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_socket, "REQUEST_SECONDS", 0.2)
    with ThreadPoolExecutor(6) as threads:
        silent = [threads.submit(raw, served, b"") for _ in range(4)]
        for _ in range(4):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.connect(str(served.home.engine_socket))
                connection.sendall(b'{"relation": "totals", "parameters": {"as_of": 0}}\n')
        assert ask(served.home, "totals", as_of=0).num_rows == 1
        assert [result.result() for result in silent] == [b""] * 4


def test_a_failure_within_a_question_does_not_end_its_thread(served: State, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken, capture_logs() as said:
        broken.setattr(engine_socket, "_packed", lambda table: 1 // 0)
        for _ in range(3):
            with pytest.raises(QuestionRefused, match="ZeroDivisionError") as refusal:
                ask(served.home, "totals", as_of=0)
            assert refusal.value.kind == "failed"
    assert len(said) == 3
    assert ask(served.home, "totals", as_of=0).num_rows == 1


def test_many_ask_at_once(served: State) -> None:
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: ask(served.home, "rule_count", rule="everyone", now=1), range(100)))
    assert {answer.to_pylist()[0]["people"] for answer in answers} == {10}


def test_a_slow_question_does_not_hold_the_projection_up(served: State, projector: Projector) -> None:
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(ask, served.home, "rule_count", rule="endless", now=1)
        time.sleep(0.2)  # until the question runs
        served.happened(99, 99, "Page Viewed", at=1)
        assert projector.project(served.con) == 1
        assert not slow.done()
        with pytest.raises(QuestionRefused):
            slow.result()


def test_a_rebuild_waits_for_questions_and_they_for_it(served: State, projector: Projector) -> None:
    stop = threading.Event()

    def keep_asking() -> set[int]:
        seen = set()
        while not stop.is_set():
            seen.add(ask(served.home, "rule_count", rule="everyone", now=1).to_pylist()[0]["people"])
        return seen

    with ThreadPoolExecutor(2) as threads:
        askers = [threads.submit(keep_asking) for _ in range(2)]
        for _ in range(3):
            projector.rebuild()
        stop.set()
        assert [asker.result() for asker in askers] == [{10}, {10}]


def test_a_rebuild_can_be_asked_for(served: State) -> None:
    first, second = (ask(served.home, "rebuild").to_pylist()[0] for _ in range(2))
    assert first == second
    assert (first["people"], first["facts"]) == (10, 10)


def test_a_question_that_meets_damage_has_the_file_rebuilt(
    served: State, projector: Projector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> None:
        raise OSError("Corrupt database file: computed checksum 1 does not match stored checksum 2")

    with monkeypatch.context() as broken:
        broken.setattr(questions, "_fetch", damaged)
        with pytest.raises(QuestionRefused, match="Corrupt"):
            ask(served.home, "totals", as_of=0)
    with capture_logs() as said:
        projector.project(served.con)
    assert [entry["event"] for entry in said] == ["warehouse is rebuilt"]
    assert ask(served.home, "totals", as_of=100 * DAY).to_pylist()[0]["facts"] == 10


def test_only_the_owner_may_ask(served: State) -> None:
    assert stat.S_IMODE(os.stat(served.home.engine_socket).st_mode) == 0o600


def test_without_an_engine_nobody_answers(state: State, projector: Projector) -> None:
    with pytest.raises(Unavailable, match="anstoss run"):
        ask(state.home, "totals", as_of=0)
    door = EngineSocket(state.home, Questions(projector, sql_of_rule))
    door.close()
    with pytest.raises(Unavailable, match="anstoss run"):
        ask(state.home, "totals", as_of=0)


def test_a_socket_left_by_a_killed_engine_is_replaced(state: State, projector: Projector) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(state.home.engine_socket))
    with pytest.raises(Unavailable):
        ask(state.home, "totals", as_of=0)
    door = EngineSocket(state.home, Questions(projector, sql_of_rule))
    assert ask(state.home, "totals", as_of=0).num_rows == 1
    door.close()


def test_a_home_may_lie_deep(tmp_path: Path) -> None:
    state = State(tmp_path / ("d" * 60) / ("e" * 60))
    with local(state.home, sql_of_rule, "256MB") as answers:
        assert answers.ask("totals", as_of=0).num_rows == 1
    projector = Projector(state.home, "256MB")
    door = EngineSocket(state.home, Questions(projector, sql_of_rule))
    assert ask(state.home, "totals", as_of=0).num_rows == 1
    door.close()
    projector.close()
    state.close()


def test_without_an_engine_a_command_catches_up_by_itself(state: State) -> None:
    state.happened(1, 1, "Page Viewed")
    with local(state.home, sql_of_rule, "256MB") as answers:
        assert answers.ask("rule_count", rule="everyone", now=0).to_pylist() == [{"people": 1}]
    assert state.waiting() == 0
    state.happened(2, 2, "Page Viewed")
    with local(state.home, sql_of_rule, "256MB") as answers:
        assert answers.ask("rule_count", rule="viewers", now=0).to_pylist() == [{"people": 2}]
