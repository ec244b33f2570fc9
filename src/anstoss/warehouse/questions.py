"""Answering named questions, each on its own cursor, within a time limit and a size limit."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from anstoss.warehouse.file import content_hash, is_damage
from anstoss.warehouse.models import sql_files
from anstoss.warehouse.projector import Projector

SECONDS = 30.0
"""How long a question may take."""
ANSWER_BYTES = 64 * 2**20
"""How large an answer may be: eight million persons' numbers."""

SqlOfRule = Callable[[object], str]
"""Turns the body of a rule into DuckDB SQL with one column ``person`` and the parameter ``$now``; raises if it is
wrong. The pulse gives it, for this room must not know the rules."""

# `$now` stands in each once more: DuckDB refuses a parameter that a query, such as a rule without time, does not use.
_RULES = {
    "rule_count": "SELECT count(*) AS people FROM ({rule}) WHERE $now IS NOT NULL",
    "rule_people": "SELECT person FROM ({rule}) WHERE $now IS NOT NULL ORDER BY person LIMIT $limit",
}
_RULE_PARAMETERS = {"rule_count": {"rule", "now"}, "rule_people": {"rule", "now", "limit"}}


_MISFITS = (
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.BinderException,
    duckdb.OutOfRangeException,
)


class QuestionRefused(Exception):
    """A question was not answered. ``kind`` is unknown_relation, bad_parameters, bad_rule, took_too_long, too_large,
    bad_request or failed; the text says what to do."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message


class Questions:
    """Answers questions from the file that the projector holds open. Safe to use from several threads."""

    def __init__(self, projector: Projector, sql_of_rule: SqlOfRule, seconds: float = SECONDS) -> None:
        self._projector, self._sql_of_rule, self._seconds = projector, sql_of_rule, seconds

    def ask(self, relation: str, /, **parameters: object) -> pa.Table:
        """The rows of a relation as an Arrow table, or ``QuestionRefused``.

        ``rebuild`` is a relation too: it makes the file anew and says in one row what is in it.
        """
        if relation == "rebuild":
            return self._rebuild()
        sql, values = self._query(relation, parameters)
        with self._projector.shelf.cursor() as cursor, _limited(cursor, self._seconds) as expired:
            try:
                return _fetch(cursor, sql, values)
            except (duckdb.Error, OSError) as error:  # an error within a stream of Arrow batches is an OSError
                if expired.is_set():
                    raise QuestionRefused("took_too_long", f"{relation} took over {self._seconds:g} s") from error
                self._projector.damaged |= is_damage(error)
                kind = "bad_parameters" if isinstance(error, _MISFITS) else "failed"
                raise QuestionRefused(kind, f"{relation}: {error}") from error

    def _rebuild(self) -> pa.Table:
        self._projector.rebuild()
        with self._projector.shelf.cursor() as cursor:
            counts = "SELECT (SELECT count(*) FROM persons) AS people, (SELECT count(*) FROM facts) AS facts"
            return _fetch(cursor, f"{counts}, $fingerprint AS fingerprint", {"fingerprint": content_hash(cursor)})

    def _query(self, relation: str, parameters: Mapping[str, object]) -> tuple[str, dict[str, object]]:
        found = sql_files("relations").get(relation)
        wanted = set(found.parameters) if found else _RULE_PARAMETERS.get(relation)
        if wanted is None:
            known = ", ".join(sorted([*sql_files("relations"), *_RULES]))
            raise QuestionRefused("unknown_relation", f"no relation {relation!r}; there are: {known}")
        if wanted != parameters.keys():
            raise QuestionRefused("bad_parameters", f"{relation} needs: {', '.join(sorted(wanted)) or 'nothing'}")
        values = {key: value for key, value in parameters.items() if key != "rule"}
        for key, value in values.items():
            if not isinstance(value, int | float | str) or isinstance(value, bool):
                raise QuestionRefused("bad_parameters", f"{relation}.{key}: expected a number or text, got {value!r}")
        return (found.body if found else self._rule(relation, parameters["rule"])), values

    def _rule(self, relation: str, body: object) -> str:
        try:
            rule = self._sql_of_rule(body)
        except Exception as error:  # whatever the rule language refuses with is the asker's to read
            raise QuestionRefused("bad_rule", str(error)) from error
        return _RULES[relation].format(rule=rule)


def _fetch(cursor: duckdb.DuckDBPyConnection, sql: str, values: dict[str, object]) -> pa.Table:
    reader: Any = cursor.sql(sql, params=values or None).to_arrow_reader(122_880)
    batches, size = [], 0
    for batch in reader:
        size += batch.nbytes
        if size > ANSWER_BYTES:
            raise QuestionRefused("too_large", f"the answer is larger than {ANSWER_BYTES // 2**20} MB; ask for less")
        batches.append(batch)
    return pa.Table.from_batches(batches, reader.schema)


@contextmanager
def _limited(cursor: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[threading.Event]:
    expired = threading.Event()

    def interrupt() -> None:
        expired.set()
        cursor.interrupt()

    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()
        timer.join()  # it must not interrupt what uses the connection next
