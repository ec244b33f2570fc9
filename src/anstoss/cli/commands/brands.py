"""``anstoss brands``: what customers see, and who stands behind it."""

from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from anstoss.brands.public import Brand, IncompleteImprint, LegalEntity, imprint, open_brands
from anstoss.cli.answers import as_json, documents_in, refuse, say
from anstoss.cli.instance import HomeOption, JsonOption, home_of

group = typer.Typer(
    help="Brands: sender, language, currency, and the legal entity for the imprint.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="brands")


@group.command("set")
def change(
    file: Annotated[Path, typer.Argument(help="A YAML file; `anstoss brands show` prints the form.")],
    home: HomeOption = "",
) -> None:
    """Add brands or change them; what a document leaves out stays as it is."""
    brands = open_brands(home_of(home))
    known = {brand.key: brand for brand in brands.all()}
    read = [_brand(document, known) for document in documents_in(file)]
    for brand in read:
        brands.add_brand(brand)
        say(f"brand {brand.key}: {'; '.join(_imprint(brand))}")


@group.command("show")
def show(home: HomeOption = "", json: JsonOption = False) -> None:
    """Show the brands, in the form that `anstoss brands set` reads."""
    found = [asdict(brand) for brand in open_brands(home_of(home)).all()]
    if json:
        as_json(found)
        return
    for brand in found:
        say("---")
        for key, value in brand.items():
            if isinstance(value, dict):
                say(f"{key}:")
                for inner, text in value.items():
                    say(f"  {inner}: {text!r}")
            else:
                say(f"{key}: {value!r}")


def _brand(document: Any, known: dict[str, Brand]) -> Brand:
    if not isinstance(document, dict) or not isinstance(document.get("key"), str):
        refuse("a brand is a mapping with at least a key")
    before = known.get(document["key"])
    values = asdict(before) if before else {"entity": {}}
    entity = document.get("entity", {})
    values |= {
        **_checked(document, Brand, ""),
        "entity": {**values["entity"], **_checked(entity, LegalEntity, "entity.")},
    }
    for kind, given, prefix in ((Brand, values, ""), (LegalEntity, values["entity"], "entity.")):
        for field in fields(kind):
            if field.default is MISSING and field.default_factory is MISSING and field.name not in given:
                refuse(f"brand {document['key']!r}: {prefix}{field.name} is missing")
    return Brand(**{**values, "entity": LegalEntity(**values["entity"])})


def _checked(part: Any, kind: type, prefix: str) -> dict[str, Any]:
    known = {field.name for field in fields(kind)}
    if not isinstance(part, dict):
        refuse(f"{prefix.rstrip('.') or 'brand'}: expected a mapping")
    for key, value in part.items():
        if key not in known:
            refuse(f"{prefix}{key}: unknown; there are: {', '.join(sorted(known))}")
        if key != "entity" and not isinstance(value, str):
            refuse(f"{prefix}{key}: {value!r} is not text; put it in quotes")
    return {key: value for key, value in part.items() if key != "entity"}


def _imprint(brand: Brand) -> list[str]:
    try:
        return imprint(brand, brand.locale)
    except IncompleteImprint as error:
        return [str(error)]
