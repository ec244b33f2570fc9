"""What the pages of a small shop say."""

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from anstoss.brands.public import FileClock, open_brands
from anstoss.delivery.public import Mailbox
from anstoss.log.public import Log
from anstoss.pulse.public import Reader

from .conftest import BRAND, PASSWORD, Office


@pytest.fixture
def lena(shown: Office) -> Any:
    from django.test import Client

    client = Client(headers={"accept-language": "de"})
    assert client.login(username="lena", password=PASSWORD)
    return client


def said(answer: Any) -> str:
    """The words of a page, with plain spaces."""
    assert answer.status_code == 200
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(unescape(text).split())


def person(office: Office, reference: str) -> int:
    reader = Reader(office.home, FileClock(office.home.clock_file))
    try:
        return reader.find(reference)
    finally:
        reader.close()


def way_out(office: Office) -> str:
    """The path of the way out in the mail that was sent."""
    mailbox = Mailbox(office.home)
    letter = mailbox.get(1)
    mailbox.close()
    assert letter is not None
    header = dict(letter.headers)["List-Unsubscribe"]
    return header[header.index("/u/") : header.index(">")]


def test_the_timeline_tells_the_story_and_why(lena: Any, shown: Office) -> None:
    mara = said(lena.get(f"/customers/{person(shown, 'mara')}/"))
    assert "Mara Öhl" in mara
    assert "Bestellung A-1023 über 45,90 €" in mara
    assert "Noch da: Duftkerze" in mara
    assert "Wachstum" in mara
    assert "Moon Landed" in mara
    assert mara.index("Bestellung A-1023") < mara.index("Noch da: Duftkerze"), "newest first"
    jonas = said(lena.get(f"/customers/{person(shown, 'jonas')}/"))
    assert "Nicht gesendet" in jonas
    assert "keine Einwilligung in Werbung per E-Mail von Fernwald" in jonas


def test_the_same_in_english(shown: Office) -> None:
    from django.test import Client

    client = Client(headers={"accept-language": "en"})
    client.login(username="lena", password=PASSWORD)
    mara = said(client.get(f"/customers/{person(shown, 'mara')}/"))
    assert "A-1023" in mara
    assert "€45.90" in mara
    assert "Growth" in mara
    jonas = said(client.get(f"/customers/{person(shown, 'jonas')}/"))
    assert "no consent to advertising" in jonas


def test_what_senders_send_is_shown_and_never_run(lena: Any, shown: Office) -> None:
    for address in (f"/customers/{person(shown, 'mara')}/", "/events/", "/mailbox/"):
        html = lena.get(address).content.decode()
        assert "<b>Venediger</b>" not in html, address
        assert "&lt;b&gt;Venediger&lt;/b&gt;" in html, address


def test_customers_are_found_by_name_address_and_number(lena: Any, shown: Office) -> None:
    number = person(shown, "mara")
    for words in ("öhl", "mara@example", "mara"):
        answer = lena.get("/customers/", {"q": words}, follow=True)
        assert f"/customers/{number}/" in answer.content.decode() or answer.redirect_chain, words
        assert "Jonas Reit" not in said(answer), words
    assert "Mara Öhl" not in said(lena.get("/customers/", {"q": "niemand"}))
    assert lena.get("/customers/1/").status_code == 404
    assert lena.get("/customers/99999999999999999999999/").status_code == 404


def test_a_mail_is_shown_as_it_was_sent(lena: Any) -> None:
    mails = said(lena.get("/mailbox/"))
    assert "Mara Öhl" in mails
    assert "Jonas" not in mails
    assert "Noch da: Duftkerze" in said(lena.get("/mailbox/1/"))
    assert "Guten Tag Mara" in said(lena.get("/mailbox/1/", {"view": "text"}))
    assert "List-Unsubscribe" in said(lena.get("/mailbox/1/", {"view": "source"}))
    frame = re.search(r"<iframe[^>]*>", lena.get("/mailbox/1/").content.decode())
    assert frame is not None
    assert "allow-scripts" not in frame[0]
    assert "allow-same-origin" not in frame[0]
    assert "sandbox=" in frame[0]
    part = lena.get("/mailbox/1/html/")
    assert "Guten Tag Mara" in part.content.decode()
    policy = part.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script" not in policy
    assert lena.get("/mailbox/99/").status_code == 404


def test_events_come_with_their_data_and_are_filtered(lena: Any) -> None:
    everything = said(lena.get("/events/"))
    assert "Moon Landed" in everything
    assert "Tycho" in everything
    assert "Moon Landed" not in said(lena.get("/events/", {"type": "page"}))
    assert "Moon Landed" in said(lena.get("/events/", {"name": "moon"}))
    assert "Moon Landed" not in said(lena.get("/events/", {"source": "delivery"}))
    assert "Reise begonnen" not in everything
    assert "Reise begonnen: „Warenkorb verlassen“" in said(lena.get("/events/", {"engine": "1"}))


def test_a_filter_stays_visible_and_holds_for_what_comes_later(lena: Any) -> None:
    html = lena.get("/events/", {"name": "moon", "type": "track", "engine": "1"}).content.decode()
    assert 'name="name" type="search" value="moon"' in html
    assert "<option selected>track" in html
    assert 'name="engine" value="1" checked' in html
    later = re.search(r'hx-get="([^"]*)"', html)
    assert later is not None
    assert {"name=moon", "type=track", "engine=1"} == set(unescape(later[1]).partition("?")[2].split("&"))
    assert "Moon Landed" not in lena.get(unescape(later[1])).content.decode(), "it is on the page already"
    assert "Moon Landed" in lena.get("/events/after/1/?name=moon").content.decode()
    assert "Moon Landed" not in lena.get("/events/after/1/?name=sun").content.decode()


def test_what_was_turned_away_is_shown_with_its_reason(lena: Any) -> None:
    rejects = said(lena.get("/events/rejects/"))
    assert "the name of an event is missing" in rejects
    assert "batch[3]" in rejects
    assert '{"type": "track"}' in rejects


def test_the_start_page_says_where_everybody_stands(lena: Any) -> None:
    start = said(lena.get("/"))
    for phase in ("Eroberung", "Konversion", "Wachstum", "Bindung", "Abwanderung", "Reaktivierung"):
        assert phase in start
    for group in ("Neukunden", "Bestandskunden", "Interessenten", "Inaktive Kunden"):
        assert group in start


def test_the_imprint_is_complete(shown: Office) -> None:
    from django.test import Client

    page = said(Client(headers={"accept-language": "de"}).get("/imprint/shop"))
    assert "Fernwald GmbH" in page
    assert "Waldweg 1, 04109 Leipzig" in page
    assert "Vertreten durch: Ada Wald" in page
    assert Client().get("/imprint/nobody").status_code == 404


def test_a_brand_added_while_the_office_is_open_is_known_at_once(shown: Office) -> None:
    from django.test import Client

    client = Client(headers={"accept-language": "de"})
    assert client.get("/imprint/zelt").status_code == 404
    entity = replace(BRAND.entity, name="Stube")
    open_brands(shown.home).add_brand(replace(BRAND, key="zelt", name="Stube", entity=entity))
    assert "Stube GmbH" in said(client.get("/imprint/zelt"))


def test_the_way_out_asks_first_and_works_once_clicked(shown: Office) -> None:
    from django.test import Client

    def withdrawals() -> int:
        log = Log(shown.home, FileClock(shown.home.clock_file))
        try:
            return sum(event.name == "Unsubscribed" for event in log.read(0, 10_000))
        finally:
            log.close()

    path = way_out(shown)
    browser = Client(enforce_csrf_checks=True, headers={"accept-language": "de"})
    assert "mara@example.org" in said(browser.get(path))
    assert withdrawals() == 0, "a link checker has unsubscribed somebody"
    one_click = browser.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert one_click.status_code == 200
    assert not one_click.cookies
    assert withdrawals() == 1
    assert browser.post(path).status_code == 200
    assert withdrawals() == 1
    assert browser.get(path[:-3]).status_code == 404
