"""Brands and sources as kept in the home. Only hashes of write keys are stored."""

import hashlib
import secrets
from dataclasses import asdict

import orjson

from anstoss.brands.brand import Brand, LegalEntity, Source
from anstoss.store.public import Home, connect, transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS brand(key TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS source(key TEXT PRIMARY KEY, brand TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
  key_hash TEXT NOT NULL UNIQUE) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS registry_change(id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL);
"""


class UnknownBrand(LookupError):
    """No brand has this key."""

    def __init__(self, key: str, known: list[str]) -> None:
        super().__init__(f"no brand {key!r}; there are: {', '.join(known) or 'none yet'}")


def _hash(write_key: str) -> str:
    # Write keys are 128 random bits, so a plain hash cannot be searched; a slow one would only slow intake down.
    return hashlib.sha256(write_key.encode()).hexdigest()


class Brands:
    """Brands and sources of a home. Reading is cheap and sees what other processes changed."""

    def __init__(self, home: Home) -> None:
        self._gate = home.gate("state")
        self._con = connect(home.state_db)
        with transaction(self._con, self._gate):
            for statement in _SCHEMA.split(";\n"):
                self._con.execute(statement)
        self._file_version, self._change = -1, -1
        self._brands: dict[str, Brand] = {}
        self._sources: dict[str, Source] = {}

    def all(self) -> list[Brand]:
        """Every brand, by key."""
        self._refresh()
        return [self._brands[key] for key in sorted(self._brands)]

    def brand(self, key: str) -> Brand:
        """The brand with this key; ``UnknownBrand`` otherwise."""
        self._refresh()
        if key not in self._brands:
            raise UnknownBrand(key, sorted(self._brands))
        return self._brands[key]

    def sources(self) -> list[Source]:
        """Every source, by key."""
        self._refresh()
        return sorted(self._sources.values(), key=lambda source: source.key)

    def source_for_key(self, write_key: str) -> Source | None:
        """The source that uses this write key, or none."""
        self._refresh()
        return self._sources.get(_hash(write_key))

    def add_brand(self, brand: Brand) -> None:
        """Add a brand or replace the one with the same key."""
        with transaction(self._con, self._gate):
            self._con.execute("INSERT OR REPLACE INTO brand VALUES (?, ?)", (brand.key, orjson.dumps(asdict(brand))))
            self._changed(f"brand {brand.key}")

    def add_source(self, source: Source, write_key: str | None = None) -> str:
        """Add a source, or give it a new write key; returns the key, which is shown this once and kept as a hash."""
        self.brand(source.brand)
        write_key = write_key or secrets.token_urlsafe(16)
        with transaction(self._con, self._gate):
            self._con.execute(
                "INSERT INTO source VALUES (?, ?, ?, ?, ?) ON CONFLICT(key) DO UPDATE SET"
                " brand = excluded.brand, kind = excluded.kind, name = excluded.name, key_hash = excluded.key_hash",
                (source.key, source.brand, source.kind, source.name, _hash(write_key)),
            )
            self._changed(f"source {source.key}")
        return write_key

    def _changed(self, what: str) -> None:
        self._con.execute("INSERT INTO registry_change(what) VALUES (?)", (what,))
        self._file_version = -1

    def _refresh(self) -> None:
        # The pulse writes to this file all the time: the file's version says that something changed, ours says what.
        file_version = self._con.execute("PRAGMA data_version").fetchone()[0]
        if file_version == self._file_version:
            return
        self._file_version = file_version
        change = self._con.execute("SELECT coalesce(max(id), 0) FROM registry_change").fetchone()[0]
        if change == self._change:
            return
        self._change = change
        rows = self._con.execute("SELECT key, body FROM brand").fetchall()
        self._brands = {key: _brand(orjson.loads(body)) for key, body in rows}
        rows = self._con.execute("SELECT key_hash, key, brand, kind, name FROM source").fetchall()
        self._sources = {row[0]: Source(*row[1:]) for row in rows}


def _brand(body: dict[str, object]) -> Brand:
    entity = LegalEntity(**body.pop("entity"))  # type: ignore[arg-type]  # written by asdict() above
    return Brand(entity=entity, **body)  # type: ignore[arg-type]  # written by asdict() above


def open_brands(home: Home) -> Brands:
    """The brands and sources of a home."""
    return Brands(home)
