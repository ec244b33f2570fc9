"""Events said in a sentence, in German and English, with the reason where there is one."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _

from anstoss.brands.public import Brand
from anstoss.customers.public import minor_units
from anstoss.delivery.public import reason_words as delivery_words
from anstoss.journeys.public import CONTROL
from anstoss.journeys.public import reason_words as journey_words
from anstoss.pulse.public import Reader
from anstoss.web.formats import Voice

GROUPS = ("orders", "visits", "messages", "not_sent", "turns", "consents", "others")
"""What a timeline can be filtered by."""

_FILE = Path(__file__).with_name("sentences.yaml")
_TRAITS = {
    "birthday": _("birthday"),
    "city": _("town"),
    "country": _("country"),
    "email": _("e-mail"),
    "first_name": _("first name"),
    "language": _("language"),
    "last_name": _("last name"),
    "name": _("name"),
    "phone": _("phone number"),
    "postal_code": _("postal code"),
    "street": _("street"),
    "timezone": _("time zone"),
}
_CHANNELS = {"email": {"de": "E-Mail", "en": "e-mail"}, "sms": {"de": "SMS", "en": "SMS"}}
_CONTROL = {
    "de": "Kontrollgruppe: erhält zum Vergleich keine Nachricht",
    "en": "Control group: gets no message, for comparison",
}
_MORE = {"de": "{} und {} weitere", "en": "{} and {} more"}
_IMMENSE = 1e12
"""No price: such numbers come from broken senders and cannot be written as money."""

_MONEY = ("total", "revenue", "value", "price")


@dataclass(frozen=True)
class Line:
    """An event as a line: icon, form of its dot, filter group, sentence, what stands beneath, colour slot (0: none)."""

    icon: str
    mark: str
    group: str
    head: str
    note: str
    slot: int = 0


@functools.cache
def known_events() -> Mapping[str, Mapping[str, Any]]:
    """The sentences of every event that has some."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return found


class Teller:
    """Says events for one reader, with the names that brands, stages, segments and journeys have."""

    def __init__(self, reader: Reader, voice: Voice) -> None:
        self.voice = voice
        self._brands: Mapping[str, Brand] = reader.brands
        self._definitions = reader.definitions

    def line(self, name: str, properties: Mapping[str, Any], why: Mapping[str, Any] | None = None) -> Line:
        """The line for an event with these properties; ``why`` is what is known of the message it is about."""
        form = known_events().get(name)
        known = self._fields(name, properties, why or {})
        if form is None:
            return Line("dots", "", "others", name, _rest(properties))
        lang = self.voice.lang
        head = _first(form[lang], known) or name
        note = _first(form.get("note", {}).get(lang, ()), known)
        return Line(form["icon"], form.get("mark", ""), form["group"], head, note, self._slot(properties))

    def brand(self, key: str) -> str:
        """What a brand is called."""
        return self._brands[key].name if key in self._brands else key

    def channel(self, key: str) -> str:
        """What a channel is called."""
        return _CHANNELS.get(key, {}).get(self.voice.lang, key)

    def stage(self, lifecycle: str, key: str) -> tuple[str, int]:
        """Name and colour slot of a stage."""
        found = self._definitions.lifecycles.get(lifecycle)
        for stage in found.stages if found else ():
            if stage.key == key:
                return stage.name.get(self.voice.lang, key), stage.slot
        return key, 0

    def named(self, kind: str, key: str) -> str:
        """What a lifecycle, segment or journey is called."""
        found = getattr(self._definitions, f"{kind}s").get(key)
        return str(found.name.get(self.voice.lang, key)) if found is not None else key

    def refusal(self, code: str, data: Mapping[str, Any]) -> str:
        """Why a message was not sent or a journey not started, in words."""
        lang = self.voice.lang
        facts = {key: self._shown(key, value) for key, value in data.items()}
        if code in journey_words():
            return journey_words()[code][lang].format_map(_Gaps(facts))
        return delivery_words(code, facts, lang)

    def _shown(self, key: str, value: Any) -> Any:
        if key == "channel":
            return self.channel(str(value))
        if key == "brand":
            return self.brand(str(value))
        if key.endswith("_at") and isinstance(value, int):
            return self.voice.moment(value)
        return value

    def _fields(self, name: str, properties: Mapping[str, Any], why: Mapping[str, Any]) -> dict[str, str]:
        known = {key: str(value) for key, value in properties.items() if _is_shown(value) and key not in _MONEY}
        known |= self._amounts(properties) | self._names(properties) | self._reason(properties, why)
        goods = [str(each["name"]) for each in _products(properties) if each.get("name")]
        if goods:
            more = len(goods) - 2
            listed = ", ".join(goods[:2])
            known["goods"] = _MORE[self.voice.lang].format(listed, more) if more > 0 else listed
        subject = why.get("subject") or properties.get("email_subject")
        if subject:
            known["subject"] = str(subject)
        if name == "Traits Set":
            known["changed"] = ", ".join(trait_name(key) for key in list(properties)[:6])
        if properties.get("arm") == CONTROL:
            known["control"] = _CONTROL[self.voice.lang]
        return known

    def _amounts(self, properties: Mapping[str, Any]) -> dict[str, str]:
        currency = str(properties.get("currency") or self.voice.currency)
        units = minor_units(currency)
        said = {
            key: self.voice.money(value * units, currency) for key in _MONEY if (value := _number(properties.get(key)))
        }
        total = next((said[key] for key in _MONEY[:3] if key in said), "")
        return said | ({"total": total} if total else {})

    def _names(self, properties: Mapping[str, Any]) -> dict[str, str]:
        given = {key: str(properties[key]) for key in ("journey", "segment", "lifecycle") if properties.get(key)}
        said = {key: self.named(key, value) for key, value in given.items()}
        if properties.get("brand"):
            said["brand"] = self.brand(str(properties["brand"]))
        if properties.get("channel"):
            said["channel"] = self.channel(str(properties["channel"]))
        if "lifecycle" in given:
            said["stage"] = self.stage(given["lifecycle"], str(properties.get("stage", "")))[0]
            if properties.get("from"):
                said["was"] = self.stage(given["lifecycle"], str(properties["from"]))[0]
        return said

    def _slot(self, properties: Mapping[str, Any]) -> int:
        return self.stage(str(properties.get("lifecycle", "")), str(properties.get("stage", "")))[1]

    def _reason(self, properties: Mapping[str, Any], why: Mapping[str, Any]) -> dict[str, str]:
        code = str(properties.get("reason") or why.get("reason") or "")
        if not code:
            return {}
        data = properties.get("reason_data") or why.get("data") or properties
        return {"because": self.refusal(code, {**properties, **data} if isinstance(data, dict) else properties)}


def trait_name(key: str) -> str:
    """What a trait is called; its key when it has no other name."""
    return str(_TRAITS.get(key, key.replace("_", " ")))


class _Gaps(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


def _first(sentences: Sequence[str], known: Mapping[str, str]) -> str:
    """The first sentence whose fields are all known."""
    for sentence in sentences:
        try:
            return sentence.format_map(known)
        except KeyError:
            continue
    return ""


def _is_shown(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) < _IMMENSE else None


def _products(properties: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    products = properties.get("products")
    return [each for each in products if isinstance(each, dict)] if isinstance(products, list) else []


def _rest(properties: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in list(properties.items())[:4] if _is_shown(value))
