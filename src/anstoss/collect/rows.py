"""From a call to a row of the log: checks, identity, time, payload."""

import re
import uuid
from dataclasses import dataclass

import msgspec
import orjson

from anstoss.collect.calls import Call, Id, Refused
from anstoss.collect.contact import email_identity, phone_identity
from anstoss.collect.moments import LIVE_WITHIN, corrected, instant
from anstoss.log.public import Row, contents

CONTENT_MOST = 32 * 1024
ID_MOST = 512
MESSAGE_ID_MOST = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TRAITS = ("identify", "group")
_OPENING = {True: b'{"traits":', False: b'{"properties":'}
_PERSONAL = ("identify", "track")
KINDS = ("track", "identify", "page", "screen", "group", "alias")


@dataclass(frozen=True)
class Sender:
    """A source as its requests need it: ``namespace`` of its user ids, ``country`` of national telephone numbers."""

    source: str
    brand: str
    namespace: str
    browser: bool = False
    country: str = "DE"


@dataclass(frozen=True)
class Envelope:
    """What all calls of a request share. Instants are UTC microseconds; ``context`` is a JSON object or nothing.

    Looking once through the whole request spares looking through each event: ``has_contacts`` and ``has_history`` say
    whether e-mail, telephone or ``historical`` are mentioned anywhere.
    """

    received_at: int
    sent_at: int | None = None
    context: bytes = b""
    ip: str = ""
    has_contacts: bool = True
    has_history: bool = True


def row_of_call(call: Call, sender: Sender, envelope: Envelope) -> Row:
    """The row for a call, or ``Refused`` with the reason."""
    kind = call.type
    if kind not in KINDS:
        raise Refused("unknown_type", f"type {kind!r} is none of {', '.join(KINDS)}")
    content = _object(call.traits if kind in _TRAITS else call.properties, "content")
    context = _object(call.context, "context")
    if envelope.context or envelope.ip:
        context = _completed(context, envelope)
    if kind == "identify" and content == b"{}" and b'"traits"' in context:
        content = _context_traits(context)
    identity = _identity(call, sender)
    if envelope.has_contacts and kind in _PERSONAL:
        identity += _contacts(content, context, sender)
    flag, original, occurred_at = "", None, envelope.received_at
    if call.timestamp:
        original = _timestamp(call.timestamp)
        occurred_at, flag = corrected(original, envelope.sent_at, envelope.received_at)
    further = _further(call, kind, flag) if flag or kind not in _PERSONAL else b""
    payload = b"".join((_OPENING[kind in _TRAITS], content, b',"context":', context, further, b"}"))
    if len(payload) > CONTENT_MOST:
        raise Refused("payload_too_large", f"the event has {len(payload)} bytes; {CONTENT_MOST} are allowed")
    live = envelope.received_at - occurred_at <= LIVE_WITHIN and not (envelope.has_history and _is_historical(context))
    return (
        sender.source,
        _message_id(call.message_id),
        identity,
        kind,
        _name(call.event if kind == "track" else call.name, kind),
        sender.brand,
        occurred_at,
        payload,
        "outside",
        1 if live else 0,
        envelope.sent_at,
        original,
    )


def _object(raw: msgspec.Raw, what: str) -> bytes:
    text = bytes(raw)
    if text[0] == 123:  # "{"
        return text
    if text == b"null":
        return b"{}"
    raise Refused("invalid_type", f"{what} must be an object")


def _completed(context: bytes, envelope: Envelope) -> bytes:
    """A call's context with what the request says for all of its calls; the call's own word counts."""
    if envelope.context:
        shared = msgspec.json.decode(envelope.context, type=dict[str, msgspec.Raw])
        context = msgspec.json.encode(shared | msgspec.json.decode(context, type=dict[str, msgspec.Raw]))
    if envelope.ip and b'"ip"' not in context:
        context = b'{"ip":"' + envelope.ip.encode() + (b'"}' if context[1:].strip() == b"}" else b'",' + context[1:])
    return context


def _context_traits(context: bytes) -> bytes:
    """RudderStack's libraries send what an identify call is about as ``context.traits``."""
    raw = msgspec.json.decode(context, type=dict[str, msgspec.Raw]).get("traits")
    traits = bytes(raw) if raw is not None else b""
    return traits if traits.startswith(b"{") else b"{}"


def _identity(call: Call, sender: Sender) -> str:
    user, anonymous = _id(call.user_id, "userId"), _id(call.anonymous_id, "anonymousId")
    if user:
        known = f"user:{sender.namespace}/{user}"
        return f"{known}\nanon:{anonymous}" if anonymous else known
    if anonymous:
        return f"anon:{anonymous}"
    raise Refused("no_user_anon_id", "userId or anonymousId is needed")


def _contacts(content: bytes, context: bytes, sender: Sender) -> str:
    """The addresses in traits or properties and in ``context.traits``: normalised, each once, after a line feed."""
    found: list[str] = []
    for key in ("email", "phone"):
        mark = b'"%s"' % key.encode()
        if mark not in content and mark not in context:
            continue
        traits = contents(context).get("traits")
        for place in (contents(content), traits if isinstance(traits, dict) else {}):
            text = place.get(key)
            if isinstance(text, str):
                identity = email_identity(text) if key == "email" else phone_identity(text, sender.country)
                if identity and identity not in found:
                    found.append(identity)
    return "".join(f"\n{identity}" for identity in found)


def _id(value: Id, field: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        value = str(int(value)) if value == value // 1 else str(value)
    if len(value) > ID_MOST:
        raise Refused("id_too_long", f"{field} has {len(value)} characters; {ID_MOST} are allowed")
    if not (value.isascii() and value.isprintable()) and _CONTROL.search(value):
        raise Refused("invalid_id", f"{field} has a control character")
    return value


def _message_id(value: Id) -> str:
    if value is None or value == "":
        return str(uuid.uuid4())
    text = value if isinstance(value, str) else str(value)
    if len(text) > MESSAGE_ID_MOST:
        raise Refused("message_id_too_long", f"messageId has {len(text)} characters; {MESSAGE_ID_MOST} are allowed")
    return text


def _name(name: str | None, kind: str) -> str:
    if not name or name.isspace():
        if kind == "track":
            raise Refused("missing_event", "a track call needs `event`, the name of what happened")
        return ""
    if len(name) > ID_MOST:
        raise Refused("name_too_long", f"the name has {len(name)} characters; {ID_MOST} are allowed")
    return name


def _timestamp(text: str) -> int:
    try:
        return instant(text)
    except ValueError:
        # Not taken as "now": a history with unreadable times would become live and mail people.
        raise Refused("invalid_timestamp", f"timestamp {text[:40]!r} is no ISO 8601 time") from None


def _further(call: Call, kind: str, flag: str) -> bytes:
    """What else the row must keep of a call, as members of the payload object."""
    more: dict[str, object] = {}
    if kind in ("page", "screen") and call.category:
        more["category"] = call.category
    elif kind == "group":
        more["groupId"] = _id(call.group_id, "groupId")
    elif kind == "alias":
        more["previousId"] = _id(call.previous_id, "previousId")
    if flag:
        more["flags"] = [flag]
    return b"," + orjson.dumps(more)[1:-1] if more else b""


def _is_historical(context: bytes) -> bool:
    if b'"historical"' not in context:
        return False
    own = contents(context).get("anstoss")
    return isinstance(own, dict) and own.get("historical") is True
