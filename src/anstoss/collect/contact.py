"""Addresses as identities: the same mailbox or telephone written differently is the same identity."""

import re
import unicodedata
from functools import lru_cache

_PLAIN = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


@lru_cache(maxsize=10_000)
def email_identity(text: str) -> str | None:
    """``email:`` and the address in NFC, local part case-folded, domain in IDNA; none when it is no address."""
    address = unicodedata.normalize("NFC", text.strip())
    plain = address.lower()
    if address.isascii() and len(plain) <= 254 and _PLAIN.fullmatch(plain):
        return None if ".." in plain or plain[0] == "." or ".@" in plain else f"email:{plain}"
    from email_validator import EmailNotValidError, validate_email

    try:
        valid = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return None
    return f"email:{valid.local_part.casefold()}@{(valid.ascii_domain or valid.domain).lower()}"


@lru_cache(maxsize=10_000)
def phone_identity(text: str, country: str) -> str | None:
    """``phone:`` and the number in E.164, national numbers read as of ``country``; none when it is no number."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return f"phone:{phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)}"
