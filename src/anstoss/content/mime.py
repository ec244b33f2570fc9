"""A rendered message as the bytes that go over the wire (RFC 5322, 2045 to 2047, 2369, 8058).

Composed by hand: ``email.message`` costs 2.6 ms a mail and turns a long List-Unsubscribe into encoded words, which
mail clients then do not recognise. All lines are short ASCII, so any relay leaves the bytes and a signature alone.
"""

import binascii
import re
from base64 import b64encode
from dataclasses import dataclass
from email.utils import formatdate

from anstoss.brands.public import SECOND
from anstoss.content.rendering import Rendered

# Quoted-printable never has "=" before "_", so no body can contain the boundary.
_BOUNDARY = "=_anstoss_alternative"
_WORD_BYTES = 39  # 52 characters of base64: with its frame and "Subject: " under the 76 a line of RFC 2047 may have
_LINE = 900  # RFC 5322 allows 998
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_ONE_CLICK = re.compile(r"https://|http://(?:localhost|127\.0\.0\.1)[:/]")  # RFC 8058; plain http only on this machine
_PLAIN = re.compile(r"[A-Za-z0-9 !#$%&'*+/?^_`{|}~.,:()-]*")
_ATOMS = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")


class HeaderError(ValueError):
    """A header value cannot be sent as it is; ``header`` names it. Nothing was composed."""

    def __init__(self, header: str, value: str) -> None:
        super().__init__(f"{header} cannot be {value[:80]!r}")
        self.header = header


@dataclass(frozen=True)
class MailHeaders:
    """Everything around the body. Addresses are bare (``ada@shop.example``), URLs complete, ``at`` UTC microseconds.

    ``message_id`` and ``list_id`` come without angle brackets. With ``unsubscribe_url`` (https) the mail carries the
    one-click headers of RFC 8058; without it, it is a transactional mail and says that a machine sent it.
    """

    from_name: str
    from_address: str
    to_address: str
    message_id: str
    at: int
    reply_to: str = ""
    unsubscribe_url: str = ""
    unsubscribe_mailto: str = ""
    list_id: str = ""
    feedback_id: str = ""


def compose(rendered: Rendered, headers: MailHeaders) -> bytes:
    """The mail as raw bytes with CRLF line ends: text first, then HTML. Raises ``HeaderError``."""
    lines = [
        f"From: {_mailbox(headers.from_name, headers.from_address)}",
        f"To: {_address('To', headers.to_address)}",
        f"Subject: {_text('Subject', rendered.subject)}",
        f"Date: {formatdate(headers.at / SECOND).replace('-0000', '+0000')}",
        f"Message-ID: <{_token('Message-ID', headers.message_id)}>",
    ]
    if headers.reply_to:
        lines.append(f"Reply-To: {_address('Reply-To', headers.reply_to)}")
    lines += _list_headers(headers) if headers.unsubscribe_url else ["Auto-Submitted: auto-generated"]
    lines += [
        f"Content-Language: {_token('Content-Language', rendered.lang)}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"',
    ]
    head = "\r\n".join(lines).encode("ascii")
    return b"%b\r\n\r\n%b%b--%b--\r\n" % (
        head,
        _part("plain", rendered.text),
        _part("html", rendered.html),
        _BOUNDARY.encode(),
    )


def _list_headers(headers: MailHeaders) -> list[str]:
    url = _token("List-Unsubscribe", headers.unsubscribe_url)
    if not _ONE_CLICK.match(url):
        raise HeaderError("List-Unsubscribe", url)
    ways = f"<{url}>"
    if headers.unsubscribe_mailto:
        ways += f", <mailto:{_token('List-Unsubscribe', headers.unsubscribe_mailto)}>"
    lines = [f"List-Unsubscribe: {ways}", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]
    if headers.list_id:
        lines.append(f"List-Id: <{_token('List-Id', headers.list_id)}>")
    if headers.feedback_id:
        lines.append(f"Feedback-ID: {_token('Feedback-ID', headers.feedback_id)}")
    return lines


def _part(kind: str, text: str) -> bytes:
    # splitlines() would also break at form feeds and U+2028; mail knows CR and LF only.
    body = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    encoded = binascii.b2a_qp(body.encode(), istext=True).replace(b"\n", b"\r\n")
    return (
        (
            f"--{_BOUNDARY}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        ).encode()
        + encoded
        + b"\r\n"
    )  # the break before a boundary belongs to the boundary


def _token(header: str, value: str) -> str:
    """``value`` if it is visible ASCII without blanks and brackets, short enough for one line."""
    if not value or len(value) > _LINE or not all("!" <= char <= "~" and char not in "<>" for char in value):
        raise HeaderError(header, value)
    return value


def _address(header: str, address: str) -> str:
    """The address in ASCII; an international domain becomes its xn-- form. Other letters before the @ are refused."""
    local, _, domain = address.rpartition("@")
    try:
        ascii_address = f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        raise HeaderError(header, address) from None
    if len(ascii_address) > 254 or not _ADDRESS.fullmatch(ascii_address):
        raise HeaderError(header, address)
    return ascii_address


def _mailbox(name: str, address: str) -> str:
    bare = _address("From", address)
    if not name:
        return bare
    if len(name) < 60 and name == name.strip() and _ATOMS.fullmatch(name) and "=?" not in name:
        return f"{name} <{bare}>"
    return f"{_encoded('From', name)}\r\n <{bare}>"


def _text(header: str, value: str) -> str:
    if len(value) < 60 and _PLAIN.fullmatch(value) and value == value.strip() and "=?" not in value:
        return value
    return _encoded(header, value)


def _encoded(header: str, value: str) -> str:
    """``value`` as RFC 2047 encoded words, folded; a character is never cut in two."""
    if any(char < " " or char == "\x7f" for char in value):
        raise HeaderError(header, value)
    words, chunk = [], b""
    for char in value:
        octets = char.encode()
        if len(chunk) + len(octets) > _WORD_BYTES:
            words.append(chunk)
            chunk = b""
        chunk += octets
    words.append(chunk)
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words)
