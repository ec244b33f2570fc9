"""The engine's door for other processes: a Unix socket that takes one question and gives one answer.

A request is one line of JSON, ``{"relation": name, "parameters": {...}}``. The answer is one line of JSON, either
``{"bytes": n}`` followed by n bytes of an Arrow IPC stream, or ``{"error": {"kind": ..., "message": ...}}``.
"""

import math
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson
import pyarrow as pa
import structlog

from anstoss.store.public import Home
from anstoss.warehouse.questions import SECONDS, QuestionRefused, Questions

THREADS = 4
"""So many questions are answered at a time; further ones wait in the socket's queue."""
QUEUE = 64
REQUEST_BYTES = 1 << 20
REQUEST_SECONDS = 5.0
"""How long an asker may take to say its question, and to take each part of the answer."""
ADDRESS_BYTES = 100
"""A Unix socket's address holds 108 bytes on Linux and 104 elsewhere."""

_log = structlog.get_logger("anstoss.warehouse")


class Unavailable(Exception):
    """No engine answers on this home: it is not running, or it is too busy."""


class EngineSocket:
    """Answers questions in threads of the engine process until it is closed. The caller holds the engine lock."""

    def __init__(self, home: Home, questions: Questions, threads: int = THREADS) -> None:
        self._home, self._questions = home, questions
        home.engine_socket.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with _address(home.engine_socket) as address:
            self._socket.bind(address)
        home.engine_socket.chmod(0o600)
        self._socket.listen(QUEUE)
        self._closing = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"question-{i}", daemon=True) for i in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Take no more questions; waits for those being answered."""
        self._closing = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(SECONDS)
        self._socket.close()
        self._home.engine_socket.unlink(missing_ok=True)

    def _serve(self) -> None:
        while not self._closing:
            try:
                connection, _ = self._socket.accept()
            except OSError as error:
                if not self._closing:
                    _log.error("the engine socket failed", error=str(error))
                    time.sleep(0.1)  # out of file handles, say: nothing to do but to try again
                continue
            with connection, suppress(OSError):  # an asker that goes away takes nobody else with it
                connection.settimeout(REQUEST_SECONDS)
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        try:
            relation, parameters = _request(_line(connection, REQUEST_BYTES, REQUEST_SECONDS)[0])
            body = _packed(self._questions.ask(relation, **parameters))
        except QuestionRefused as refusal:
            body = b""
            head: dict[str, object] = {"error": {"kind": refusal.kind, "message": refusal.message}}
        except OSError:
            raise
        except Exception as error:  # one question must not end the thread that answers the next
            _log.exception("a question failed")
            body, head = b"", {"error": {"kind": "failed", "message": f"{type(error).__name__}: {error}"}}
        else:
            head = {"bytes": len(body)}
        connection.sendall(orjson.dumps(head) + b"\n")
        connection.sendall(body)


def ask(home: Home, relation: str, /, **parameters: object) -> pa.Table:
    """Ask the engine that runs on this home; ``Unavailable`` if none does, ``QuestionRefused`` if it will not answer.

    A table with no rows is an answer. ``rebuild`` takes as long as it takes; anything else a minute at most.
    """
    try:
        seconds = None if relation == "rebuild" else 2 * SECONDS
        return _ask(home, orjson.dumps({"relation": relation, "parameters": parameters}), seconds)
    except OSError as error:
        raise Unavailable(f"no engine answers on {home.path}; is `anstoss run` running? ({error})") from error


def _ask(home: Home, question: bytes, seconds: float | None) -> pa.Table:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(seconds)
        with _address(home.engine_socket) as address:
            connection.connect(address)
        connection.sendall(question + b"\n")
        line, rest = _line(connection, REQUEST_BYTES, seconds or math.inf)
        head = orjson.loads(line)
        if "error" in head:
            raise QuestionRefused(head["error"]["kind"], head["error"]["message"])
        body = bytearray(rest)
        while len(body) < head["bytes"]:
            part = connection.recv(1 << 18)
            if not part:
                raise ConnectionError("the engine went away while answering")
            body += part
    return pa.ipc.open_stream(pa.py_buffer(body)).read_all()


def _line(connection: socket.socket, limit: int, seconds: float) -> tuple[bytes, bytes]:
    """The first line that comes, and what came after it."""
    received, until = b"", time.monotonic() + seconds
    while b"\n" not in received:
        if len(received) > limit:
            raise QuestionRefused("bad_request", f"a question is one line of at most {limit} bytes")
        part = connection.recv(1 << 16)
        if not part or time.monotonic() > until:
            raise ConnectionError("the line never ended")
        received += part
    line, _, rest = received.partition(b"\n")
    return line, rest


def _request(line: bytes) -> tuple[str, dict[str, object]]:
    try:
        request = orjson.loads(line)
        relation, parameters = request["relation"], request.get("parameters", {})
    except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError):
        relation, parameters = None, None
    if not isinstance(relation, str) or not isinstance(parameters, dict):
        raise QuestionRefused("bad_request", 'a question is one line {"relation": name, "parameters": {...}}')
    return relation, parameters


def _packed(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


@contextmanager
def _address(path: Path) -> Iterator[str]:
    # A home may lie deeper than a socket's address reaches; Linux has a short name for an open directory.
    if len(os.fsencode(path)) < ADDRESS_BYTES:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
