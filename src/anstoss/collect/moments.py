"""Times as senders write them, and the correction of wrong clocks (Segment's rule)."""

from datetime import UTC, datetime

from anstoss.brands.public import DAY, HOUR, MINUTE, SECOND

FUTURE_ALLOWED = 5 * MINUTE
LIVE_WITHIN = 48 * HOUR
_AWARE_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # a time without a zone means UTC


def instant(text: str) -> int:
    """UTC microseconds of an ISO 8601 time; without a zone it is UTC. ``ValueError`` when it is none."""
    moment = datetime.fromisoformat(text)
    passed = moment - (_NAIVE_EPOCH if moment.tzinfo is None else _AWARE_EPOCH)
    return passed.days * DAY + passed.seconds * SECOND + passed.microseconds


def instant_or_none(text: object) -> int | None:
    """The same, but what is no time is none."""
    if not isinstance(text, str):
        return None
    try:
        return instant(text)
    except ValueError:
        return None


def corrected(original: int, sent_at: int | None, received_at: int) -> tuple[int, str]:
    """When it really happened, by the receiver's clock, and a flag when the sender's clock is out.

    ``received - (sent - original)``: the sender's clock cancels out. Flags: ``clock_off`` (sender's clock more than a
    day away), ``future`` and ``impossible`` (the result made no sense and something better was taken).
    """
    occurred, flag = original, ""
    if sent_at is not None:
        occurred = received_at - (sent_at - original)
        if abs(sent_at - received_at) > DAY:
            flag = "clock_off"
    if occurred > received_at + FUTURE_ALLOWED:
        return received_at, "future"
    if occurred < 0:
        return (original if 0 <= original <= received_at else received_at), "impossible"
    return occurred, flag
