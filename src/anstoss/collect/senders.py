"""Who sends: from the credentials of a request to a sender."""

import base64
import binascii

from anstoss.brands.public import SECOND, Brands, Clock
from anstoss.collect.rows import Sender

_TRUSTED_FOR = SECOND


class Senders:
    """Senders by write key. What was found is trusted for a second, so a stream of requests costs one look-up."""

    def __init__(self, brands: Brands, clock: Clock) -> None:
        self._brands = brands
        self._clock = clock
        self._found: dict[str, tuple[int, Sender]] = {}

    def with_key(self, write_key: str) -> Sender | None:
        """The sender with this write key, or none."""
        now = self._clock.now()
        kept = self._found.get(write_key)
        if kept is not None and 0 <= now - kept[0] < _TRUSTED_FOR:
            return kept[1]
        source = self._brands.source_for_key(write_key)
        if source is None:
            self._found.pop(write_key, None)
            return None
        brand = self._brands.brand(source.brand)
        sender = Sender(source.key, brand.key, brand.namespace, source.kind == "browser", brand.entity.country)
        self._found[write_key] = (now, sender)
        return sender


def key_in_header(authorization: bytes) -> str | None:
    """The write key in an Authorization header: ``Basic base64(key:)``, the colon may lack, or ``Bearer key``."""
    scheme, _, credentials = authorization.strip().partition(b" ")
    try:
        if scheme.lower() == b"basic":
            return base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[0] or None
        if scheme.lower() == b"bearer":
            return credentials.strip().decode() or None
    except (binascii.Error, UnicodeDecodeError):
        return None
    return None
