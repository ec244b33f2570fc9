"""Templates as their authors write them: YAML, checked for shape, with the playbook that ships with Anstoss."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from anstoss.content.problems import Problem, TemplateError

LANGUAGES = ("de", "en")
PURPOSES = ("marketing", "transactional")
_TEMPLATES = Path(__file__).parent / "templates"
_FIELDS = ("subject", "preheader", "mjml")
_KEYS = ("key", "name", "purpose", "channel", "variants")


@dataclass(frozen=True)
class Variant:
    """One language of a template: subject and preheader are text with Liquid, ``mjml`` is sections with Liquid."""

    subject: str
    preheader: str
    mjml: str


@dataclass(frozen=True)
class TemplateSource:
    """A template as written. ``purpose`` is marketing (needs consent and a way out) or transactional."""

    key: str
    variants: Mapping[str, Variant]
    purpose: str = "marketing"
    channel: str = "email"
    name: Mapping[str, str] | None = None


def read_source(data: object) -> TemplateSource:
    """The template in parsed YAML or JSON. Raises ``TemplateError`` naming each field that is missing or unknown."""
    if not isinstance(data, dict):
        raise TemplateError("", [Problem("", "Eine Vorlage ist ein Objekt mit Feldern.", "A template is an object.")])
    key = data.get("key")
    problems = [
        _problem(str(name), f"Unbekanntes Feld „{name}“.", f"unknown field {name!r}")
        for name in data
        if name not in _KEYS
    ]
    if not isinstance(key, str) or not key:
        problems.append(_problem("key", "Die Vorlage braucht einen Schlüssel.", "the template needs a key"))
    if data.get("purpose", "marketing") not in PURPOSES:
        problems.append(
            _problem("purpose", "Zweck ist marketing oder transactional.", "must be one of " + str(PURPOSES))
        )
    if data.get("channel", "email") != "email":
        problems.append(_problem("channel", "Bisher nur email.", "only email so far"))
    variants = _variants(data.get("variants"), problems)
    name = data.get("name")
    if name is not None and not isinstance(name, dict):
        problems.append(_problem("name", "Name je Sprache: {de: …, en: …}.", "name per language: {de: …, en: …}"))
    if problems:
        raise TemplateError(str(key or ""), problems)
    return TemplateSource(str(key), variants, data.get("purpose", "marketing"), data.get("channel", "email"), name)


def _variants(data: object, problems: list[Problem]) -> dict[str, Variant]:
    if not isinstance(data, dict) or not data:
        problems.append(_problem("variants", "Mindestens eine Sprache fehlt.", "at least one language is needed"))
        return {}
    found = {}
    for lang, fields in data.items():
        place = f"variants.{lang}"
        if lang not in LANGUAGES:
            problems.append(_problem(place, "Sprachen sind de und en.", "languages are de and en"))
        elif not isinstance(fields, dict):
            problems.append(_problem(place, "Erwartet: subject, preheader, mjml.", "expected subject, preheader, mjml"))
        else:
            found[lang] = _variant(place, fields, problems)
    return found


def _variant(place: str, fields: Mapping[object, object], problems: list[Problem]) -> Variant:
    for name in (*_FIELDS, *(str(name) for name in fields if name not in _FIELDS)):
        if name not in _FIELDS:
            problems.append(_problem(f"{place}.{name}", "Unbekanntes Feld.", "unknown field"))
        elif not isinstance(fields.get(name), str) or not str(fields[name]).strip():
            problems.append(_problem(f"{place}.{name}", "Fehlt oder ist leer.", "is missing or empty"))
    return Variant(*(str(fields.get(name, "")) for name in _FIELDS))


def _problem(place: str, de: str, en: str) -> Problem:
    return Problem(place, de, en)


@functools.cache
def playbook() -> Mapping[str, TemplateSource]:
    """The templates that ship with Anstoss, by key: one YAML file each in ``templates/``, found here."""
    sources = [read_source(yaml.safe_load(path.read_text("utf-8"))) for path in sorted(_TEMPLATES.glob("*.yaml"))]
    return {source.key: source for source in sources}
