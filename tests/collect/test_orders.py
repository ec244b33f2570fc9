"""A shop's history from a file: orders once, as history, and every line that makes no sense listed."""

import csv
import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.collect.conftest import Intake

from anstoss.brands.public import Brand, LegalEntity
from anstoss.collect.public import ImportRefused, ImportReport, OrderImport, import_orders
from anstoss.log.public import Event

HEAD = "no,customer,at,sku,name,quantity,price,country"
MAPPING = {
    "order": "no",
    "customer": "customer",
    "time": "at",
    "sku": "sku",
    "name": "name",
    "quantity": "quantity",
    "price": "price",
    "country": "country",
}
RETAIL = Path(os.environ.get("TEST_DATA", Path(__file__).parents[3] / "shared/data")) / "online_retail"
SLICE = RETAIL / "online_retail_slice.csv.gz"
BRAND = Brand("acme", "Acme", LegalEntity("Acme"), zone="Europe/Berlin", currency="EUR")


class Shop:
    """Imports text as a file."""

    def __init__(self, intake: Intake, folder: Path) -> None:
        self.intake = intake
        self.folder = folder

    def imports(
        self, *lines: str, head: str = HEAD, name: str = "orders.csv", time_format: str | None = None
    ) -> ImportReport:
        return self.import_bytes("\n".join([head, *lines]).encode(), name, time_format)

    def import_bytes(self, content: bytes, name: str = "orders.csv", time_format: str | None = None) -> ImportReport:
        file = self.folder / name
        file.write_bytes(content)
        job = OrderImport(file, MAPPING, BRAND, "history", time_format)
        return import_orders(self.intake.home, self.intake.log, job)

    def events(self, name: str = "Order Completed") -> list[Event]:
        return [event for event in self.intake.events() if event.name == name]


def properties(event: Event) -> dict[str, object]:
    found = json.loads(event.payload)["properties"]
    assert isinstance(found, dict)
    return found


@pytest.fixture
def shop(intake: Intake, tmp_path: Path) -> Shop:
    return Shop(intake, tmp_path)


def test_lines_become_one_order_also_when_they_are_apart(shop: Shop) -> None:
    report = shop.imports(
        "1,7,2026-03-01T10:00:00Z,A,Hat,2,9.99,DE",
        "2,8,2026-03-01T11:00:00Z,B,Coat,1,100,AT",
        "1,7,2026-03-01T10:00:00Z,C,Scarf,1,5.02,DE",
    )
    first, second = shop.events()
    assert properties(first) == {
        "order_id": "1",
        "currency": "EUR",
        "products": [
            {"product_id": "A", "sku": "A", "name": "Hat", "quantity": 2, "price": 9.99},
            {"product_id": "C", "sku": "C", "name": "Scarf", "quantity": 1, "price": 5.02},
        ],
        "revenue": 25.0,
    }
    assert (first.identity, first.live, first.type) == (("user:acme/7",), False, "track")
    assert (second.identity, report.orders, report.gross) == (("user:acme/8",), 2, 12_500)


def test_refunds_by_number_and_by_quantity(shop: Shop) -> None:
    report = shop.imports(
        "C5,7,2026-03-02T10:00:00Z,A,Hat,-1,9.99,DE",
        "6,7,2026-03-03T10:00:00Z,A,Hat,3,9.99,DE",
        "6,7,2026-03-03T10:00:00Z,B,Coat,-1,100,DE",
    )
    by_number, by_quantity = shop.events("Order Refunded")
    assert (properties(by_number)["order_id"], properties(by_number)["total"]) == ("C5", 9.99)
    assert (properties(by_quantity)["order_id"], properties(by_quantity)["total"]) == ("6", 100.0)
    assert (report.refunds, report.orders, report.gross) == (2, 1, 2_997)


def test_a_country_is_told_when_it_is_new(shop: Shop) -> None:
    shop.imports(
        "1,7,2026-03-01T10:00:00Z,A,Hat,1,1,DE",
        "2,7,2026-03-02T10:00:00Z,A,Hat,1,1,DE",
        "3,7,2026-03-03T10:00:00Z,A,Hat,1,1,AT",
    )
    events = [(event.type, event.message_id) for event in shop.intake.events()][:-1]
    assert events == [
        ("identify", "customer:7:1"),
        ("track", "order:1:completed"),
        ("track", "order:2:completed"),
        ("identify", "customer:7:3"),
        ("track", "order:3:completed"),
    ]


def test_guests_are_customers_of_one_order(shop: Shop) -> None:
    report = shop.imports("1,,2026-03-01T10:00:00Z,A,Hat,1,5,DE", "2,,2026-03-01T10:00:00Z,A,Hat,1,5,DE")
    assert [event.identity for event in shop.events()] == [("ext:history/guest-1",), ("ext:history/guest-2",)]
    assert (report.customers, report.orders, report.guest_orders, report.gross) == (0, 0, 2, 0)


def test_bad_lines_are_listed_and_good_ones_kept(shop: Shop) -> None:
    report = shop.imports(
        "1,7,2026-03-01T10:00:00Z,A,Hat,1,0,DE",
        "1,7,2026-03-01T10:00:00Z,A,Hat,1,-4,DE",
        "1,7,2026-03-01T10:00:00Z,A,Hat,0,4,DE",
        "1,7,2026-03-01T10:00:00Z,A,Hat,two,4,DE",
        "1,7,2026-03-01T10:00:00Z,A,Hat,1,NaN,DE",
        '1,7,2026-03-01T10:00:00Z,A,Hat,1,"1,234",DE',
        "1,7,yesterday,A,Hat,1,4,DE",
        ",7,2026-03-01T10:00:00Z,A,Hat,1,4,DE",
        "1,7,2026-03-01T10:00:00Z",
        "1,7\x01,2026-03-01T10:00:00Z,A,Hat,1,4,DE",
        "1,7,2026-03-01T10:00:00Z,A,Hat,1,4,DE",
    )
    assert (report.rows, report.orders, report.gross) == (11, 1, 400)
    assert report.rejects_file is not None
    with open(report.rejects_file, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["line", "field", "reason", "value"],
        ["2", "price", "invalid_price", "0"],
        ["3", "price", "invalid_price", "-4"],
        ["4", "quantity", "invalid_quantity", "0"],
        ["5", "quantity", "invalid_number", "two"],
        ["6", "price", "invalid_number", "NaN"],
        ["7", "price", "ambiguous_number", "1,234"],
        ["8", "time", "invalid_time", "yesterday"],
        ["9", "order", "missing_order", ""],
        ["10", "quantity", "invalid_number", ""],
        ["11", "customer", "invalid_id", "7\x01"],
    ]
    assert sum(report.rejected.values()) == 10


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12", 1200),
        ("12.5", 1250),
        ("12,50", 1250),
        ("1,234.50", 123_450),
        ("1.234,50", 123_450),
        ("1,234,567.89", 123_456_789),
        ("1.234.567", 123_456_700),
        ("0,125", 13),
        ("€ 9,99", 999),
        ("9.99 EUR", 999),
        ("1e2", 10_000),
    ],
)
def test_prices_in_german_and_english(shop: Shop, text: str, cents: int) -> None:
    report = shop.imports(f'1;7;2026-03-01;A;Hat;1;"{text}";DE', head=HEAD.replace(",", ";"))
    assert report.gross == cents


@pytest.mark.parametrize("text", ["1,2,3", "12,34,567", "1.2.3", "1,23.456,7", "", "--5", "1" * 20])
def test_what_is_no_price(shop: Shop, text: str) -> None:
    report = shop.imports(f'1;7;2026-03-01;A;Hat;1;"{text}";DE', head=HEAD.replace(",", ";"))
    assert report.rejected == {"invalid_number": 1}


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00+00:00"),
        ("2026-03-01T10:00:00+05:00", "2026-03-01T05:00:00+00:00"),
        ("2026-03-01 10:00", "2026-03-01T09:00:00+00:00"),
        ("2026-07-01 10:00:30", "2026-07-01T08:00:30+00:00"),
        ("2026-07-01", "2026-06-30T22:00:00+00:00"),
        ("01.03.2026 10:00", "2026-03-01T09:00:00+00:00"),
        ("1.3.2026", "2026-02-28T23:00:00+00:00"),
        ("13/3/2026 10:00", "2026-03-13T09:00:00+00:00"),
        ("3/13/2026 10:00 PM", "2026-03-13T21:00:00+00:00"),
    ],
)
def test_times_in_many_forms(shop: Shop, text: str, instant: str) -> None:
    shop.imports(f"1,7,{text},A,Hat,1,4,DE")
    occurred = shop.events()[0].occurred_at
    assert datetime.fromtimestamp(occurred / 1e6, UTC).isoformat() == instant


def test_another_line_tells_whether_the_day_comes_first(shop: Shop) -> None:
    shop.imports("1,7,3/4/2026,A,Hat,1,4,DE", "2,7,14/4/2026,A,Hat,1,4,DE")
    assert [datetime.fromtimestamp(event.occurred_at / 1e6, UTC).month for event in shop.events()] == [4, 4]


def test_when_none_tells_a_format_must(shop: Shop) -> None:
    with pytest.raises(ImportRefused, match="give a time format"):
        shop.imports("1,7,3/4/2026,A,Hat,1,4,DE")
    assert shop.intake.events() == []
    shop.imports("1,7,3/4/2026,A,Hat,1,4,DE", time_format="%m/%d/%Y")
    assert datetime.fromtimestamp(shop.events()[0].occurred_at / 1e6, UTC).day == 3


def test_a_second_run_stores_nothing_new_and_a_longer_file_only_what_is(shop: Shop) -> None:
    lines = ["1,7,2026-03-01T10:00:00Z,A,Hat,1,4,DE", "2,8,2026-03-02T10:00:00Z,A,Hat,1,4,DE"]
    assert shop.imports(*lines).stored == 4
    again = shop.imports(*lines)
    assert (again.stored, again.duplicates, again.orders) == (0, 4, 2)
    more = shop.imports(*lines, "3,8,2026-03-03T10:00:00Z,A,Hat,1,4,DE")
    assert (more.stored, more.duplicates) == (1, 4)
    assert [event.message_id.partition(":")[0] for event in shop.events("Import Finished")] == ["import", "import"]


def test_a_name_over_two_lines_and_rare_line_separators(shop: Shop) -> None:
    report = shop.imports('1,7,2026-03-01,A,"Hat\nred\u2028blue",1,4,DE', "2,7,2026-03-01,A,Hat,1,0,DE")
    assert properties(shop.events()[0])["products"][0]["name"] == "Hat\nred\u2028blue"  # type: ignore[index]
    assert report.rejects_file is not None
    assert report.rejects_file.read_text().splitlines()[1].startswith("4,price")


def test_files_as_they_come(shop: Shop) -> None:
    line = '1,7,2026-03-01T10:00:00Z,A,"Mütze",1,4,DE'
    text = f"{HEAD}\r\n{line}\r\n\r\n"
    shop.import_bytes(text.encode("utf-8-sig"))
    shop.import_bytes(text.replace("1,7", "2,7").encode("cp1252"))
    shop.import_bytes(gzip.compress(text.replace("1,7", "3,7").encode()), "orders.csv.gz")
    shop.import_bytes(text.replace(",", "\t").replace("1\t7", "4\t7").encode())
    names = [properties(event)["products"][0]["name"] for event in shop.events()]  # type: ignore[index]
    assert names == ["Mütze"] * 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"a,b\n1,2\n", "has no column no, customer"),
        (gzip.compress(b"no,customer\n" * 1000, mtime=0)[:40], "ended before"),
        (HEAD.encode() + b"\n" + b'"' + b"x" * 200_000, "line 2"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_whole(shop: Shop, content: bytes, message: str) -> None:
    with pytest.raises(ImportRefused, match=message):
        shop.import_bytes(content)
    assert shop.intake.events() == []


def test_a_mapping_that_cannot_be_used_is_refused(shop: Shop, intake: Intake) -> None:
    file = shop.folder / "orders.csv"
    file.write_text(HEAD)
    for mapping, message in (
        ({"order": "no"}, "no column was given for: time, quantity, price"),
        (MAPPING | {"colour": "name"}, "no such field: colour"),
    ):
        with pytest.raises(ImportRefused, match=message):
            import_orders(intake.home, intake.log, OrderImport(file, mapping, BRAND, "history"))
    with pytest.raises(ImportRefused, match="No such file"):
        import_orders(intake.home, intake.log, OrderImport(shop.folder / "none.csv", MAPPING, BRAND, "history"))


@pytest.mark.slow
@pytest.mark.skipif(not SLICE.exists(), reason="not run: the Online Retail slice is absent")
def test_a_real_shops_history(shop: Shop) -> None:
    pairs = "order=InvoiceNo,customer=CustomerID,time=InvoiceDate,sku=StockCode,name=Description,quantity=Quantity"
    mapping = dict(pair.split("=") for pair in f"{pairs},price=UnitPrice,country=Country".split(","))
    job = OrderImport(SLICE, mapping, Brand("retail", "Retail", BRAND.entity, currency="GBP"), "history")
    report = import_orders(shop.intake.home, shop.intake.log, job)
    assert (report.rows, report.customers, report.orders, report.gross) == (19_292, 217, 886, 32_445_538)
    assert (report.repeat_customers, report.guest_orders, report.rejected) == (136, 0, {"invalid_price": 4})
    assert not any(event.live for event in shop.intake.events())
    again = import_orders(shop.intake.home, shop.intake.log, job)
    assert (again.stored, again.duplicates) == (0, report.stored)
