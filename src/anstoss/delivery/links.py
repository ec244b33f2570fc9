"""Links that prove themselves: the token in an unsubscribe link.

A token names the message, address, brand and channel it was made for; it cannot be read or made without the secret of
the home and does not expire (RFC 8058 section 3.1: opaque, hard to forge). It needs no table, so it still works when
the message's row is long gone.

Form: base64url(tag | sealed), with tag = the first 16 bytes of HMAC-SHA256 over the content and sealed = content xor
SHAKE-256 keyed by the tag: authenticated encryption with a synthetic IV (the construction of RFC 5297).
"""

import hashlib
import hmac
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass

_TAG = 16
_SEPARATOR = "\x1f"


class BadToken(ValueError):
    """The token was not made here, or was changed on its way. The link must be copied whole."""


@dataclass(frozen=True)
class WayOut:
    """What an unsubscribe link is about."""

    ledger: str
    address: str
    brand: str
    channel: str


class Links:
    """Makes and reads the tokens of one home, by its secret."""

    def __init__(self, secret: bytes) -> None:
        self._sign = hmac.digest(secret, b"unsubscribe: sign", "sha256")
        self._seal = hmac.digest(secret, b"unsubscribe: seal", "sha256")

    def token(self, way_out: WayOut) -> str:
        """The token for a way out; always the same for the same one."""
        content = _SEPARATOR.join((way_out.ledger, way_out.address, way_out.brand, way_out.channel)).encode()
        tag = hmac.digest(self._sign, content, "sha256")[:_TAG]
        return urlsafe_b64encode(tag + self._sealed(tag, content)).rstrip(b"=").decode()

    def read(self, token: str) -> WayOut:
        """What a token is about; ``BadToken`` if it is not one of ours."""
        try:
            raw = b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raise BadToken("this link is incomplete") from None
        tag = raw[:_TAG]
        content = self._sealed(tag, raw[_TAG:])
        if not hmac.compare_digest(tag, hmac.digest(self._sign, content, "sha256")[:_TAG]):
            raise BadToken("this link is incomplete or was not made here")
        return WayOut(*content.decode().split(_SEPARATOR))

    def _sealed(self, tag: bytes, content: bytes) -> bytes:
        stream = hashlib.shake_256(self._seal + tag).digest(len(content))
        return (int.from_bytes(content, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(content), "big")


def unsubscribe_url(base_url: str, token: str) -> str:
    """Where the way out leads: a page of ours that asks once, and the one-click address of RFC 8058."""
    return f"{base_url.rstrip('/')}/u/{token}"


def message_id(ledger: str, sender_address: str) -> str:
    """The Message-ID of a message, without brackets: always the same for the same ledger key and sender."""
    digest = hashlib.blake2b(ledger.encode(), digest_size=16).hexdigest()
    return f"{digest}@{sender_address.rpartition('@')[2] or 'localhost'}"
