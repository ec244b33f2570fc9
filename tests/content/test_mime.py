"""The bytes of a mail, as another program reads them."""

import dataclasses
import email
import email.policy
import re
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anstoss.content.public import HeaderError, MailHeaders, Rendered, compose

RENDERED = Rendered("Noch da: Schuh", "Vorschau", "<html lang='de'>Grüße</html>\n", "Grüße\n.\nFrom here\n", "de")
HEADERS = MailHeaders(
    from_name="Waldkauz",
    from_address="hallo@waldkauz.example",
    to_address="jonas@example.org",
    message_id="r1.s1.e1@waldkauz.example",
    at=1_795_257_600_000_000,
    reply_to="service@waldkauz.example",
    unsubscribe_url="https://mail.waldkauz.example/u/" + "t" * 120,
    unsubscribe_mailto="u+abc@mail.waldkauz.example?subject=unsubscribe",
    list_id="neues.waldkauz.example",
    feedback_id="basket:reminder:de:anstoss",
)


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def display_name(raw: bytes) -> str:
    """The sender's name. Not by the parser above: it puts a blank between two encoded words, against RFC 2047."""
    value = email.message_from_bytes(raw)["From"].rpartition("<")[0].strip()
    return str(make_header(decode_header(value)))


def lines_of(raw: bytes) -> list[bytes]:
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    return raw.split(b"\r\n")


def test_a_marketing_mail_carries_every_header_it_must() -> None:
    raw = compose(RENDERED, HEADERS)
    head = raw.split(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    assert head == [
        "From: Waldkauz <hallo@waldkauz.example>",
        "To: jonas@example.org",
        "Subject: Noch da: Schuh",
        "Date: Sat, 21 Nov 2026 10:40:00 +0000",
        "Message-ID: <r1.s1.e1@waldkauz.example>",
        "Reply-To: service@waldkauz.example",
        "List-Unsubscribe: <https://mail.waldkauz.example/u/" + "t" * 120 + ">, "
        "<mailto:u+abc@mail.waldkauz.example?subject=unsubscribe>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "List-Id: <neues.waldkauz.example>",
        "Feedback-ID: basket:reminder:de:anstoss",
        "Content-Language: de",
        "MIME-Version: 1.0",
        'Content-Type: multipart/alternative; boundary="=_anstoss_alternative"',
    ]


def test_a_transactional_mail_says_a_machine_sent_it() -> None:
    raw = compose(RENDERED, dataclasses.replace(HEADERS, unsubscribe_url="", reply_to=""))
    message = parsed(raw)
    assert message["Auto-Submitted"] == "auto-generated"
    assert not [name for name in message if name.startswith("List-") or name in ("Feedback-ID", "Reply-To")]


def test_text_comes_first_then_html_both_whole() -> None:
    text, html = parsed(compose(RENDERED, HEADERS)).iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n") == RENDERED.text
    assert html.get_content().replace("\r\n", "\n") == RENDERED.html


@settings(deadline=None)
@given(
    subject=st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"]), min_size=1, max_size=120),
    text=st.text(max_size=400),
    name=st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=40),
)
def test_whatever_is_in_it_arrives_unchanged_in_short_ascii_lines(subject: str, text: str, name: str) -> None:
    raw = compose(
        dataclasses.replace(RENDERED, subject=subject, text=text, html=f"<p>{text}</p>"),
        dataclasses.replace(HEADERS, from_name=name, unsubscribe_url=""),
    )
    assert raw.isascii()
    assert max(map(len, lines_of(raw))) <= 78
    message = parsed(raw)
    assert str(message["Subject"]) == subject
    assert message["From"].addresses[0].addr_spec == HEADERS.from_address
    assert display_name(raw) == name
    sent = re.sub("\r\n?", "\n", text).rstrip("\n") + "\n"
    first, second = message.iter_parts()
    assert first.get_payload(decode=True).replace(b"\r\n", b"\n").decode() == sent  # type: ignore[union-attr]
    assert sent.rstrip("\n") in second.get_payload(decode=True).replace(b"\r\n", b"\n").decode()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "change",
    [
        {"from_name": "Wald\r\nBcc: all@example.org"},
        {"from_address": "a@b.example\r\nBcc: x@y.example"},
        {"to_address": "jonas"},
        {"to_address": "jonas@example.org, all@example.org"},
        {"to_address": "<jonas@example.org>"},
        {"to_address": "jürgen@example.org"},
        {"to_address": "a@" + "b" * 260 + ".example"},
        {"to_address": "a@..ü..example"},
        {"message_id": "a b@c.example"},
        {"message_id": ""},
        {"message_id": "a>\r\nX: y"},
        {"reply_to": "x"},
        {"unsubscribe_url": "http://mail.waldkauz.example/u"},
        {"unsubscribe_url": "http://localhost.example/u"},
        {"unsubscribe_url": "https://mail.example/u>\r\nX: y"},
        {"unsubscribe_url": "https://mail.example/" + "u" * 1000},
        {"unsubscribe_mailto": "a@b.example>, <x"},
        {"list_id": "ä.example"},
        {"feedback_id": "a b"},
    ],
)
def test_a_header_that_would_break_the_mail_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(HeaderError):
        compose(RENDERED, dataclasses.replace(HEADERS, **change))  # type: ignore[arg-type]


def test_a_subject_with_a_line_break_is_refused_even_if_it_got_this_far() -> None:
    with pytest.raises(HeaderError):
        compose(dataclasses.replace(RENDERED, subject="x\r\nBcc: all@example.org"), HEADERS)


def test_an_international_domain_is_sent_in_ascii() -> None:
    raw = compose(RENDERED, dataclasses.replace(HEADERS, to_address="ada@müller.example"))
    assert b"To: ada@xn--mller-kva.example\r\n" in raw


def test_a_demo_on_this_machine_may_use_plain_http() -> None:
    url = "http://localhost:8000/u/abc"
    raw = compose(RENDERED, dataclasses.replace(HEADERS, unsubscribe_url=url, unsubscribe_mailto=""))
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in raw
