"""What delivery tells the log: events whose message ids make each of them there once."""

import orjson

from anstoss.delivery.links import WayOut
from anstoss.delivery.states import Message
from anstoss.log.public import NewEvent

SOURCE = "delivery"


def handed(message: Message, subject: str, now: int) -> NewEvent:
    """The message is about to be handed to its channel. Whoever gets this into the log hands it over, nobody else."""
    return _event("Message Handed", "handed", message, now, {"subject": subject})


def sent(message: Message, subject: str, now: int) -> NewEvent:
    """The channel has taken the message."""
    return _event("Message Sent", "sent", message, now, {"subject": subject})


def not_sent(message: Message, code: str, data: dict[str, object], now: int) -> NewEvent:
    """The message will not be sent, and why."""
    return _event("Message Not Sent", "notsent", message, now, {"reason": code, "reason_data": data})


def _event(name: str, kind: str, message: Message, now: int, more: dict[str, object]) -> NewEvent:
    properties = {
        "journey": message.journey,
        "step": message.step,
        "entry": message.entry,
        "template": message.template,
        "channel": message.channel,
        "brand": message.brand,
        "message": message.ledger,
        **more,
    }
    return NewEvent(
        source=SOURCE,
        message_id=f"{kind}:{message.ledger}",
        identity=(message.identity,),
        type="track",
        name=name,
        brand=message.brand,
        occurred_at=now,
        payload=orjson.dumps({"properties": properties, "context": {}}),
        origin="reaction",
    )


def withdrawal_events(way_out: WayOut, of_message: dict[str, str], now: int) -> list[NewEvent]:
    """A customer has used the way out. ``of_message``: identity, journey, step, template, subject, if still known."""
    known = dict(of_message)
    identity = known.pop("identity", "") or f"email:{way_out.address}"
    properties = {
        **known,
        "channel": way_out.channel,
        "brand": way_out.brand,
        "message": way_out.ledger,
        "address": way_out.address,
    }
    payload = orjson.dumps({"properties": properties, "context": {}})
    return [
        NewEvent(
            source=SOURCE,
            # With the instant: who consents again later can withdraw again by the same link.
            message_id=f"{kind}:{way_out.ledger}:{now}",
            identity=(identity,),
            type="track",
            name=name,
            brand=way_out.brand,
            occurred_at=now,
            payload=payload,
            origin="reaction",
        )
        for kind, name in (("unsubscribed", "Unsubscribed"), ("withdrawn", "Consent Withdrawn"))
    ]
