"""From a row of the outbox to the bytes that go over the wire, or the reason why not."""

import re
from dataclasses import dataclass

import orjson

from anstoss.brands.public import Brand, IncompleteImprint
from anstoss.content.public import (
    Compiled,
    HeaderError,
    MailHeaders,
    RenderError,
    TemplateError,
    compile_template,
    compose,
    read_source,
    render,
)
from anstoss.delivery.channel import Parcel
from anstoss.delivery.gate import Refused, inspect
from anstoss.delivery.links import Links, WayOut, message_id, unsubscribe_url
from anstoss.delivery.states import Message
from anstoss.store.public import Connection

_SHELF = 1_000
_UNFIT = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True)
class Letter:
    """A message and its finished parcel, inspected by the gate."""

    message: Message
    parcel: Parcel


class Writer:
    """Writes letters: finds the published template, compiles it once per version and brand, fills and inspects it."""

    def __init__(self, con: Connection, links: Links) -> None:
        self._con = con
        self._links = links
        self._shelf: dict[tuple[str, int, Brand], Compiled | Refused] = {}

    def write(self, message: Message, brand: Brand, now: int) -> Letter | Refused:
        """The letter for a message, dated ``now``, or why there can be none."""
        template = self._template(message, brand)
        if isinstance(template, Refused):
            return template
        try:
            return self._fill(message, brand, template, now)
        except RenderError as error:
            return Refused("template_failed", {"template": message.template, "error": str(error)})
        except HeaderError as error:
            if error.header == "To":
                return Refused("no_address", {"channel": message.channel})
            return Refused("template_failed", {"template": message.template, "error": str(error)})

    def _fill(self, message: Message, brand: Brand, template: Compiled, now: int) -> Letter | Refused:
        token = self._links.token(WayOut(message.ledger, message.address, message.brand, message.channel))
        way_out = unsubscribe_url(brand.base_url, token)
        context = orjson.loads(message.context)
        context.setdefault("now", now)
        context["links"] = {**context.get("links", {}), "unsubscribe": way_out, "preferences": way_out}
        rendered = render(template, context, message.lang)
        flaw = inspect(message.purpose, rendered, brand, way_out)
        if flaw is not None:
            return flaw
        mail_id = message_id(message.ledger, brand.sender_address)
        raw = compose(rendered, _headers(message, brand, way_out, mail_id, now))
        return Letter(message, Parcel(message.ledger, mail_id, message.address, rendered.subject, raw, now))

    def _template(self, message: Message, brand: Brand) -> Compiled | Refused:
        key = (message.template, message.template_version, brand)
        found = self._shelf.get(key)
        if found is None:
            if len(self._shelf) >= _SHELF:
                self._shelf.clear()
            found = self._shelf[key] = self._compile(message, brand)
        if isinstance(found, Compiled) and found.purpose != message.purpose:
            return Refused(
                "purpose_mismatch",
                {"template": message.template, "template_purpose": found.purpose, "purpose": message.purpose},
            )
        return found

    def _compile(self, message: Message, brand: Brand) -> Compiled | Refused:
        row = self._con.execute(
            "SELECT body FROM definition WHERE kind='template' AND key=? AND version=?",
            (message.template, message.template_version),
        ).fetchone()
        if row is None:
            return Refused("template_missing", {"template": message.template, "version": message.template_version})
        try:
            return compile_template(read_source(orjson.loads(row[0])), brand)
        except IncompleteImprint as incomplete:
            return Refused("imprint_missing", {"missing": ", ".join(incomplete.missing)})
        except (TemplateError, ValueError) as error:
            return Refused("template_failed", {"template": message.template, "error": str(error)})


def _headers(message: Message, brand: Brand, way_out: str, mail_id: str, now: int) -> MailHeaders:
    domain = brand.sender_address.rpartition("@")[2]
    promotional = message.purpose != "transactional"
    return MailHeaders(
        from_name=brand.sender_name or brand.name,
        from_address=brand.sender_address,
        to_address=message.address,
        message_id=mail_id,
        at=now,
        reply_to=brand.reply_to or brand.entity.email,
        unsubscribe_url=way_out if promotional else "",
        list_id=f"{brand.key}.{domain}" if promotional else "",
        feedback_id=f"{_field(message.template)}:{_field(message.journey)}:{_field(brand.key)}:anstoss"
        if promotional
        else "",
    )


def _field(text: str) -> str:
    """``text`` as one field of a Feedback-ID, whose fields are divided by colons."""
    return _UNFIT.sub("-", text) or "-"
