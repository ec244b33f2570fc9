"""Importing a shop's order history from a CSV file with a line per product bought."""

import csv
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby, islice
from pathlib import Path

import orjson

from anstoss.brands.public import Brand, FileClock
from anstoss.collect.order_file import OrderFile, look_through
from anstoss.collect.order_lines import BadLine, Line, Times, read_line, times_of
from anstoss.log.public import LogDoor, NewEvent
from anstoss.store.public import Connection, Home, sqlite3

_CHUNK = 500
_SCRATCH = """
CREATE TABLE line(number INTEGER PRIMARY KEY, "order" TEXT, refund INTEGER, at INTEGER, customer TEXT, sku TEXT,
  name TEXT, quantity TEXT, price TEXT, country TEXT);
CREATE TABLE lives_in(customer TEXT PRIMARY KEY, country TEXT) WITHOUT ROWID;
"""
_ORDERS = """
SELECT "order", refund, first_at, line.customer, sku, name, quantity, price, country
FROM line JOIN (SELECT "order", refund, min(at) AS first_at FROM line GROUP BY "order", refund) USING ("order", refund)
ORDER BY first_at, "order", refund, number
"""
_COUNTS = """
SELECT count(*), coalesce(sum(orders > 1), 0), coalesce(sum(orders), 0)
FROM (SELECT count(DISTINCT "order") AS orders FROM line WHERE NOT refund AND customer <> '' GROUP BY customer)
"""


@dataclass(frozen=True)
class OrderImport:
    """What to import: ``mapping`` names the column of order, customer, time, sku, name, quantity, price and country;
    ``time_format`` (as of ``strptime``) is needed only where the file leaves it open."""

    file: Path
    mapping: Mapping[str, str]
    brand: Brand
    source: str
    time_format: str | None = None


@dataclass
class ImportReport:
    """What came of it. ``gross`` is in minor units of the brand's currency, before refunds, without guests' orders."""

    rows: int = 0
    stored: int = 0
    duplicates: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    rejects_file: Path | None = None
    customers: int = 0
    repeat_customers: int = 0
    orders: int = 0
    guest_orders: int = 0
    refunds: int = 0
    gross: int = 0
    currency: str = "EUR"


def import_orders(home: Home, log: LogDoor, job: OrderImport) -> ImportReport:
    """Read orders into the log as history: they build stages and mail nobody. A second run stores nothing new.

    Memory does not grow with the file. Lines that make no sense are left out and listed in a CSV file of the home with
    line, field and reason; the others are kept. Raises ``ImportRefused`` before anything is stored.
    """
    file = look_through(job.file, job.mapping)
    times = times_of(file, job.brand.zone, job.time_format)
    report = ImportReport(currency=job.brand.currency)
    with closing(sqlite3.connect("", isolation_level=None)) as scratch:  # a file of SQLite's own, gone when closed
        scratch.execute("PRAGMA temp_store=FILE")
        scratch.executescript(_SCRATCH)
        report.rejects_file = _read_lines(file, times, scratch, report, home)
        report.customers, report.repeat_customers, report.orders = scratch.execute(_COUNTS).fetchone()
        _append(log, _events(scratch, job, report), report)
    log.append([_marker(job, file, report, FileClock(home.clock_file).now())])
    return report


def _read_lines(file: OrderFile, times: Times, scratch: Connection, report: ImportReport, home: Home) -> Path | None:
    """Sort out the lines: good ones into the scratch database, others into the file of rejects."""
    path = home.path / "imports" / f"{file.digest[:12]}-rejects.csv"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as rejects:
        writer = csv.writer(rejects)
        writer.writerow(("line", "field", "reason", "value"))
        scratch.execute("BEGIN")
        for number, fields in file.records():
            report.rows += 1
            try:
                line = read_line(fields, times)
            except BadLine as bad:
                report.rejected[bad.reason] += 1
                writer.writerow((number, bad.field, bad.reason, fields.get(bad.field, "")))
            else:
                scratch.execute("INSERT INTO line VALUES (?,?,?,?,?,?,?,?,?,?)", _scratch_row(number, line))
        scratch.execute("COMMIT")
    if report.rejected:
        return path
    path.unlink()
    return None


def _scratch_row(number: int, line: Line) -> tuple[object, ...]:
    amounts = (str(line.quantity), str(line.price))
    return (number, line.order, line.refund, line.at, line.customer, line.sku, line.name, *amounts, line.country)


def _events(scratch: Connection, job: OrderImport, report: ImportReport) -> Iterator[NewEvent]:
    """Orders by time; before each whatever is new about its customer."""
    digits = _digits(job.brand.currency)
    for (order, refund, at), rows in groupby(scratch.execute(_ORDERS), key=lambda row: row[:3]):
        lines = list(rows)
        customer = next((row[3] for row in lines if row[3]), "")
        country = next((row[8] for row in lines if row[8]), "")
        who = f"user:{job.brand.namespace}/{customer}" if customer else f"ext:{job.source}/guest-{order}"
        if customer and country and _moved(scratch, customer, country):
            yield _event(job, at, who, ("identify", f"customer:{customer}:{order}", ""), {"country": country})
        products = [_product(row) for row in lines]
        total = sum((Decimal(row[6]) * Decimal(row[7]) for row in lines), Decimal(0)).quantize(digits, ROUND_HALF_UP)
        body = {"order_id": order, "currency": job.brand.currency, "products": products}
        if refund:
            report.refunds += 1
            name, kind, body["total"] = "Order Refunded", "refunded", float(total)
        else:
            name, kind, body["revenue"] = "Order Completed", "completed", float(total)
            report.guest_orders += not customer
            report.gross += int(total / digits) if customer else 0
        yield _event(job, at, who, ("track", f"order:{order}:{kind}", name), body)


def _moved(scratch: Connection, customer: str, country: str) -> bool:
    row = scratch.execute("SELECT country FROM lives_in WHERE customer = ?", (customer,)).fetchone()
    if row is not None and row[0] == country:
        return False
    scratch.execute("INSERT OR REPLACE INTO lives_in VALUES (?, ?)", (customer, country))
    return True


def _product(row: tuple[str, ...]) -> dict[str, object]:
    sku, name, quantity, price = row[4:8]
    product = {"product_id": sku, "sku": sku, "name": name}
    return {key: text for key, text in product.items() if text} | {
        "quantity": int(quantity) if Decimal(quantity) == int(Decimal(quantity)) else float(quantity),
        "price": float(price),
    }


def _event(job: OrderImport, at: int, who: str, what: tuple[str, str, str], body: dict[str, object]) -> NewEvent:
    kind, message_id, name = what
    place = "traits" if kind == "identify" else "properties"
    return NewEvent(
        source=job.source,
        message_id=message_id,
        identity=(who,) if who else (),
        type=kind,
        name=name,
        brand=job.brand.key,
        occurred_at=at,
        payload=orjson.dumps({place: body, "context": {}}),
        live=False,
    )


def _marker(job: OrderImport, file: OrderFile, report: ImportReport, now: int) -> NewEvent:
    """Tells the pulse that the history is complete and may settle."""
    counts = {"file": job.file.name, "orders": report.orders, "refunds": report.refunds}
    return _event(job, now, "", ("system", f"import:{file.digest}", "Import Finished"), counts)


def _append(log: LogDoor, events: Iterator[NewEvent], report: ImportReport) -> None:
    while chunk := list(islice(events, _CHUNK)):
        began = time.perf_counter()
        appended = log.append(chunk)
        report.stored += appended.stored
        report.duplicates += len(appended.duplicates)
        time.sleep(time.perf_counter() - began)  # intake and the pulse come between the groups of a bulk writer


def _digits(currency: str) -> Decimal:
    from babel.numbers import get_currency_precision

    return Decimal(1).scaleb(-get_currency_precision(currency))
