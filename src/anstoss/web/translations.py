"""The catalogues of translations, by Babel alone: ``python -m anstoss.web.translations`` finds what has to be said,
adds it to each ``.po`` and compiles the ``.mo`` beside it. English says itself.

A text that stands in the code and is not translated stays empty in the German ``.po``; a test fails until it is said.
"""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOM = Path(__file__).parent
LANGUAGES = ("de", "en")
_OURSELVES = Path(__file__).name
_KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
_CALL = re.compile(r"""\b(?:n?gettext|_)\((?:[^()'"]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")*\)""")
_HEADER = """# Texts of the back office.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)

Message = str | tuple[str, ...]


def po_file(language: str) -> Path:
    """Where the catalogue of a language stands."""
    return ROOM / "locale" / language / "LC_MESSAGES" / "django.po"


def messages() -> dict[Message, list[str]]:
    """Every text that is shown by templates and code, with the files it stands in; plural forms as a pair."""
    found: dict[Message, list[str]] = {}
    for path, source in _sources():
        place = path.relative_to(ROOM).as_posix()
        for _, function, text, _ in extract_python(io.BytesIO(source.encode()), _KEYWORDS, (), {}):
            places = found.setdefault(_message(str(function), text), [])
            if place not in places:
                places.append(place)
    return found


def catalogue(language: str) -> Catalog:
    """The catalogue of a language as it stands in its file."""
    path = po_file(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str) -> Catalog:
    """The catalogue with exactly what has to be said: new texts empty (English: said), old ones gone."""
    known, fresh = catalogue(language), Catalog(locale=language)
    for message, places in sorted(messages().items(), key=str):
        key = message if isinstance(message, str) else message[0]
        entry = known.get(key)
        said = entry.string if entry is not None else ("" if isinstance(message, str) else ("", ""))
        fresh.add(message, message if language == "en" else said, [(place, 0) for place in places])
    return fresh


def written(language: str) -> bytes:
    """The bytes of the ``.po``."""
    out, catalog = io.BytesIO(), updated(language)
    # A header of our own: Babel's says the present time and Babel's version, so the file would change every day.
    out.write(_HEADER.format(language=language, plural=catalog.plural_forms).encode())
    write_po(out, catalog, width=120, include_lineno=False, omit_header=True)
    return out.getvalue()


def compiled(language: str) -> bytes:
    """The bytes of the ``.mo``."""
    out, catalog = io.BytesIO(), catalogue(language)
    catalog.creation_date = catalog.revision_date = _SOME_DAY
    write_mo(out, catalog)
    return out.getvalue()


def _sources() -> Iterator[tuple[Path, str]]:
    from django.utils.translation.template import templatize

    for path in sorted(ROOM.glob("templates/**/*.html")):
        # Django blanks out what is not to be translated, with letters that are no Python: only the calls are kept.
        yield path, "\n".join(_CALL.findall(templatize(path.read_text("utf-8"))))
    for path in sorted(ROOM.glob("**/*.py")):
        if path.name != _OURSELVES:
            yield path, path.read_text("utf-8")


def _message(function: str, text: Any) -> Message:
    if isinstance(text, str):
        return text
    if not function.startswith("n"):
        raise ValueError(f"{function}{text}: texts with a context are not used here")
    return tuple(text[:2])


if __name__ == "__main__":
    for each in LANGUAGES:
        po_file(each).parent.mkdir(parents=True, exist_ok=True)
        po_file(each).write_bytes(written(each))
        po_file(each).with_suffix(".mo").write_bytes(compiled(each))
