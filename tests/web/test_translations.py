"""Every text is said in German and English, and what is compiled is what is written."""

import io
import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.mofile import read_mo

from anstoss.web import translations
from anstoss.web.sentences import GROUPS, known_events

LEAVE = "run `python -m anstoss.web.translations`, say what is empty in the .po, run it again"


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_every_text_is_said(language: str) -> None:
    said = {message.id if isinstance(message.id, str) else message.id[0]: message for message in said_in(language)}
    wanted = {message if isinstance(message, str) else message[0] for message in translations.messages()}
    assert wanted == said.keys(), LEAVE
    missing = [key for key, message in said.items() if not message.string or not all(message.string) or message.fuzzy]
    assert missing == [], LEAVE


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    compiled = translations.po_file(language).with_suffix(".mo").read_bytes()
    read = [message for message in read_mo(io.BytesIO(compiled)) if message.id]
    assert said_by(read) == said_by(said_in(language)), LEAVE


def test_a_translation_keeps_the_placeholders() -> None:
    for message in said_in("de"):
        asked = [message.id] if isinstance(message.id, str) else message.id
        told = [message.string] if isinstance(message.string, str) else message.string
        for one, other in zip(asked, told, strict=True):
            assert sorted(re.findall(r"%\(\w+\)s", one)) == sorted(re.findall(r"%\(\w+\)s", other)), one


def test_a_text_that_nobody_translated_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "templates").mkdir()
    counted = "{% blocktranslate count n=n %}{{ n }} dog{% plural %}{{ n }} dogs{% endblocktranslate %}"
    page = f"""<p title="{{% translate 'A title' %}}">It isn't {counted}</p>"""
    (tmp_path / "templates" / "page.html").write_text(page, encoding="utf-8")
    (tmp_path / "view.py").write_text("def view():\n    return _('Said in code')\n", encoding="utf-8")
    monkeypatch.setattr(translations, "ROOM", tmp_path)
    assert translations.messages() == {
        "A title": ["templates/page.html"],
        ("%(n)s dog", "%(n)s dogs"): ["templates/page.html"],
        "Said in code": ["view.py"],
    }
    assert b'msgid "Said in code"\nmsgstr ""' in translations.written("de")


@pytest.mark.parametrize("name", sorted(known_events()))
def test_every_event_is_said_in_both_languages_with_the_same_fields(name: str) -> None:
    form = known_events()[name]
    assert form["group"] in GROUPS
    assert len(form["de"]) == len(form["en"])
    for de, en in zip(form["de"], form["en"], strict=True):
        assert fields(de) == fields(en)
    assert [fields(text) for text in notes(form, "de")] == [fields(text) for text in notes(form, "en")]


def said_in(language: str) -> list:
    return [message for message in translations.catalogue(language) if message.id]


def said_by(messages: list) -> dict[tuple[str, ...], tuple[str, ...]]:
    return {forms(message.id): forms(message.string) for message in messages}


def forms(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def fields(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}


def notes(form: dict, language: str) -> list[str]:
    return form.get("note", {}).get(language, [])
