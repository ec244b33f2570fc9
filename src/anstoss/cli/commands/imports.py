"""``anstoss import orders``."""

from pathlib import Path
from typing import Annotated, Any

import typer

from anstoss.brands.public import FileClock, open_brands
from anstoss.cli.answers import as_json, refuse, say
from anstoss.cli.instance import HomeOption, JsonOption, home_of

group = typer.Typer(help="Bringing in history. Imports never send anything.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="import")


@group.command("orders")
def orders(
    file: Annotated[Path, typer.Argument(help="A CSV file with one line for each order line, plain or gzipped.")],
    columns: Annotated[
        str, typer.Option("--map", help="order=…,customer=…,time=…,sku=…,name=…,quantity=…,price=…,country=…")
    ],
    brand: Annotated[str, typer.Option(help="Key of the brand (the first one by default).")] = "",
    source: Annotated[
        str, typer.Option(help="Name under which the orders are stored; the same order is stored once.")
    ] = "",
    time_format: Annotated[
        str, typer.Option(help="Form of the times, if it is not found by itself: %d.%m.%Y %H:%M")
    ] = "",
    home: HomeOption = "",
    json: JsonOption = False,
) -> None:
    """Bring in orders from CSV: they build customers, stages and segments as of their own time."""
    from anstoss.cli.reading import folded
    from anstoss.collect.public import ImportRefused, OrderImport, import_orders
    from anstoss.log.public import Log

    place = home_of(home)
    brands = open_brands(place)
    chosen = brands.brand(brand) if brand else next(iter(brands.all()))
    clock = FileClock(place.clock_file)
    job = OrderImport(
        file, _mapping(columns), chosen, source or f"{chosen.key}-orders", time_format=time_format or None
    )
    try:
        report = import_orders(place, Log(place, clock), job)
    except ImportRefused as error:
        refuse(str(error))
    folded(place)
    if json:
        as_json(_plain(report))
        return
    shown = _plain(report)
    say(f"{report.rows:,} lines: {report.customers:,} customers, {report.orders:,} orders, {shown['gross']:,.2f}")
    say(f"  stored {report.stored:,} events, {report.duplicates:,} were there already")
    for reason, number in report.rejected.items():
        say(f"  left out {number:,} lines: {reason}")
    if report.rejects_file:
        say(f"  lines left out are listed in {report.rejects_file}")


def _mapping(columns: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in columns.split(",") if part.strip()]
    for name, sign, column in pairs:
        if not sign or not name.strip() or not column.strip():
            refuse(f"--map {name + sign + column!r}: expected field=column")
    return {name.strip(): column.strip() for name, _, column in pairs}


def _plain(report: Any) -> dict[str, Any]:
    from anstoss.customers.public import minor_units

    return {
        "rows": report.rows,
        "stored": report.stored,
        "duplicates": report.duplicates,
        "rejected": dict(report.rejected),
        "rejects": str(report.rejects_file) if report.rejects_file else None,
        "customers": report.customers,
        "repeat_customers": report.repeat_customers,
        "orders": report.orders,
        "guest_orders": report.guest_orders,
        "refunds": report.refunds,
        "gross": round(report.gross / minor_units(report.currency), 2),
        "currency": report.currency,
    }
