"""``anstoss bench``: every figure beside its target and its reference, measured in the same run."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from anstoss.cli.answers import as_json, refuse, say
from anstoss.cli.instance import JsonOption

CHECKOUT = Path(__file__).parents[4]
_NO_BENCHES = ("__init__", "processes", "row", "shop")


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("bench")(bench)


def bench(
    only: Annotated[list[str] | None, typer.Option(help="Name of a bench; may be given several times.")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Small sizes: shows that it runs, not how fast it is.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Measure intake, pulse, rules, warehouse and sending on this machine; needs a checkout of the source."""
    found = {name: module for name, module in _benches() if name in only} if only else dict(_benches())
    if unknown := set(only or ()) - found.keys():
        refuse(f"no bench is called {', '.join(sorted(unknown))}; there are {', '.join(dict(_benches()))}")
    rows: list[dict[str, Any]] = []
    for name, module in found.items():
        if not only and getattr(module, "OPTIONAL", False):
            continue
        for row in module.run(quick):
            rows.append({"bench": name, **asdict(row), "ratio": row.ratio, "reached": row.reached})
            if not json:
                say(_line(rows[-1]))
    if json:
        as_json(rows)


def _benches() -> Iterator[tuple[str, Any]]:
    folder = CHECKOUT / "bench"
    if not folder.is_dir():
        refuse("the benches come with the source, not with the installed package: run this in a checkout")
    if str(CHECKOUT) not in sys.path:
        sys.path.insert(0, str(CHECKOUT))
    for file in sorted(folder.glob("*.py")):
        if file.stem not in _NO_BENCHES:
            yield file.stem, import_module(f"bench.{file.stem}")


def _line(row: dict[str, Any]) -> str:
    text = f"{_number(row['figure']):>12} {row['unit']:<14} {row['what']}"
    if row["target"] is not None:
        word = "at most" if row["at_most"] else "at least"
        text += f"; {word} {_number(row['target'])}: {'reached' if row['reached'] else 'MISSED'}"
    if row["ratio"] is not None:
        text += f"; {row['ratio']:.2f} x {row['beside']} ({_number(row['reference'])})"
    return text + (f"; {row['note']}" if row["note"] else "")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}"
