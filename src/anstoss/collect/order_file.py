"""Opening a CSV file of unknown make: compression, encoding, delimiter, columns."""

import codecs
import csv
import gzip
import hashlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

NEEDED = ("order", "time", "quantity", "price")
FIELDS = (*NEEDED, "customer", "sku", "name", "country")
_BLOCK = 1 << 20


class ImportRefused(ValueError):
    """The file or the mapping cannot be used; nothing was stored."""


@dataclass(frozen=True)
class OrderFile:
    """A CSV file that was looked through once. ``columns`` says where each field stands in a record."""

    path: Path
    digest: str
    encoding: str
    delimiter: str
    columns: Mapping[str, int]

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Line numbers and fields, streaming. Fields that a short record lacks are empty."""
        with _opened(self.path) as raw, io.TextIOWrapper(raw, self.encoding, newline="") as text:
            reader = csv.reader(text, delimiter=self.delimiter)
            next(reader)
            try:
                for record in reader:
                    if any(record):
                        yield reader.line_num, {name: _field(record, at) for name, at in self.columns.items()}
            except csv.Error as error:
                raise ImportRefused(f"{self.path.name}, line {reader.line_num}: {error}") from None


def look_through(path: Path, mapping: Mapping[str, str]) -> OrderFile:
    """Find out how to read ``path``; ``mapping`` names the column of each field. ``ImportRefused`` says what lacks."""
    digest, encoding = _digest_and_encoding(path)
    with _opened(path) as raw:
        head = raw.readline().decode(encoding)
    if not head.strip():
        raise ImportRefused(f"{path.name} is empty")
    delimiter = max(",;\t|", key=head.count)
    names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter))]
    unknown = [field for field in mapping if field not in FIELDS]
    if unknown:
        raise ImportRefused(f"no such field: {', '.join(unknown)}; there are {', '.join(FIELDS)}")
    lacking = [field for field in NEEDED if field not in mapping]
    if lacking:
        raise ImportRefused(f"no column was given for: {', '.join(lacking)}")
    absent = [column for column in mapping.values() if column not in names]
    if absent:
        raise ImportRefused(f"{path.name} has no column {', '.join(absent)}; it has {', '.join(names)}")
    columns = {field: names.index(column) for field, column in mapping.items()}
    return OrderFile(path, digest, encoding, delimiter, columns)


def _digest_and_encoding(path: Path) -> tuple[str, str]:
    """A hash of the content, and UTF-8 if all of it is; otherwise what Excel on Windows writes."""
    digest, decoder, encoding = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), "utf-8-sig"
    try:
        with _opened(path) as raw:
            while block := raw.read(_BLOCK):
                digest.update(block)
                if encoding == "utf-8-sig":
                    try:
                        decoder.decode(block)
                    except UnicodeDecodeError:
                        encoding = "cp1252"
    except (OSError, EOFError) as error:
        raise ImportRefused(f"{path}: {error}") from None
    return digest.hexdigest(), encoding


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with open(path, "rb") as plain:
        if plain.read(2) != b"\x1f\x8b":
            plain.seek(0)
            yield plain
        else:
            plain.seek(0)
            with gzip.GzipFile(fileobj=plain) as unpacked:
                yield unpacked  # type: ignore[misc]  # a GzipFile reads like any binary file


def _field(record: list[str], at: int) -> str:
    return record[at].strip() if at < len(record) else ""
