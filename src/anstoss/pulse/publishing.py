"""Publishing definitions: checked as a whole, then an event like any other."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import orjson

from anstoss.brands.public import Brand, Clock, open_brands
from anstoss.content.public import TemplateError, compile_template, read_source
from anstoss.insight.public import built_in_metrics, lifecycle_presets
from anstoss.log.public import Log, NewEvent
from anstoss.pulse.definitions import Body, DefinitionError, Era, ground_of, kind_and_key
from anstoss.rules.public import Problem
from anstoss.store.public import Connection, Home, connect


def publish(home: Home, log: Log, clock: Clock, documents: Sequence[Body]) -> list[tuple[str, str]]:
    """Put definitions in force; returns their (kind, key). ``DefinitionError`` when one is wrong: then none is.

    They take effect where the log says, for everybody from that row on.
    """
    brands = {brand.key: brand for brand in open_brands(home).all()}
    con = connect(home.state_db)
    try:
        check(in_force(con, brands), documents, brands)
    finally:
        con.close()
    body = orjson.dumps({"documents": list(documents)})
    now = clock.now()
    message_id = hashlib.blake2b(body + now.to_bytes(8, "big"), digest_size=16).hexdigest()
    log.append([NewEvent("definitions", message_id, (), "definition", "Definitions Published", "", now, body)])
    return [kind_and_key(document) for document in documents]


def check(era: Era, documents: Sequence[Body], brands: Mapping[str, Brand]) -> Era:
    """The era that these documents would make of ``era``; ``DefinitionError`` when one of them is wrong."""
    names = [kind_and_key(document) for document in documents]
    for kind, key in names:
        if names.count((kind, key)) > 1:
            raise DefinitionError(kind, key, [Problem(kind, key, "kommt zweimal vor", "stands there twice")])
    after = era.with_published(documents, era.seq + 1, era.at)
    _ = after.definitions
    for document in documents:
        kind, key = kind_and_key(document)
        if kind == "template":
            _check_template(key, document, brands)
    return after


def in_force(con: Connection, brands: Mapping[str, Brand]) -> Era:
    """What is in force by ``state.db``, without the history of how it came about."""
    ground = ground_of(brands)
    known = con.execute("SELECT 1 FROM sqlite_master WHERE name = 'definition'").fetchone()
    query = "SELECT kind, key, version, body, seq, published_at FROM definition WHERE active = 1"
    rows = con.execute(query).fetchall() if known else []
    bodies = {(kind, key): (version, orjson.loads(body)) for kind, key, version, body, _, _ in rows}
    seq = max((row[4] for row in rows), default=0)
    at = max((row[5] for row in rows), default=0)
    return Era(seq, at, ground, bodies)


def starting_definitions() -> Iterator[Body]:
    """What every new instance begins with: the metrics and the lifecycles of a shop."""
    yield from built_in_metrics()
    presets = lifecycle_presets()
    yield presets["shop"]
    yield presets["shop-groups"]


def _check_template(key: str, document: Body, brands: Mapping[str, Brand]) -> None:
    for brand in brands.values():
        try:
            compile_template(read_source(document), brand)
        except TemplateError as error:
            problems = [Problem(each.place, brand.key, each.message_de, each.message_en) for each in error.problems]
            raise DefinitionError("template", key, problems) from error
