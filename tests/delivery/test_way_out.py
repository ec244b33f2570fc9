"""The way out: what a customer's withdrawal does, and how soon."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anstoss.brands.public import HOUR
from anstoss.delivery.links import Links
from anstoss.delivery.public import Address, BadToken, WayOut, read_way_out, withdraw, write_stop

from .shop import Shop
from .test_stories import between, run

TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x1f"), max_size=60)


def token_of(shop: Shop, ledger: str) -> str:
    letter = shop.mailbox.find(ledger)
    assert letter is not None
    found = re.search(r"<http://localhost:8000/u/([\w-]+)>", dict(letter.headers)["List-Unsubscribe"])
    assert found is not None
    assert found[1] in letter.html
    assert found[1] in letter.text
    return found[1]


def mailed_token(shop: Shop) -> str:
    message = shop.plan("first")
    run(shop)
    return token_of(shop, message.ledger)


def test_unsubscribing_stops_what_is_planned_before_the_log_is_folded(shop: Shop) -> None:
    token = mailed_token(shop)
    shop.later(24 * HOUR)
    message = shop.plan("second")
    assert read_way_out(shop.home, token) == WayOut("basket/remind/first", "p1@example.org", "berg", "email")
    withdraw(shop.home, shop.log, token, shop.clock)
    run(shop)
    assert shop.state(message) == ("not_sent", "stopped")
    assert len(shop.mailed()) == 1


def test_a_withdrawal_between_lease_and_hand_over_is_honoured(shop: Shop) -> None:
    token = mailed_token(shop)
    shop.later(24 * HOUR)
    message = shop.plan("second")
    sender = shop.sender()
    between(sender, "_hand", lambda: withdraw(shop.home, shop.log, token, shop.clock))
    sender.run_once()
    run(shop)
    assert shop.state(message) == ("not_sent", "stopped")


def test_the_log_tells_of_a_withdrawal_once(shop: Shop) -> None:
    token = mailed_token(shop)
    for _ in range(3):
        withdraw(shop.home, shop.log, token, shop.clock)
        shop.clock.advance(HOUR)
    (unsubscribed,), (withdrawn,) = shop.events("Unsubscribed"), shop.events("Consent Withdrawn")
    assert unsubscribed.identity == withdrawn.identity == ("user:berg/1",)
    assert (withdrawn.origin, withdrawn.live) == ("reaction", True)
    (properties,) = shop.properties("Consent Withdrawn")
    assert (properties["channel"], properties["brand"]) == ("email", "berg")
    assert properties["address"] == "p1@example.org"


def test_who_consents_again_gets_mail_again_and_can_leave_again(shop: Shop) -> None:
    token = mailed_token(shop)
    withdraw(shop.home, shop.log, token, shop.clock)
    shop.later(24 * HOUR)
    shop.consent("p1@example.org", seq=shop.log.head() + 1)
    again = shop.plan("again")
    run(shop)
    assert shop.state(again) == ("sent", "")
    withdraw(shop.home, shop.log, token, shop.clock)
    shop.later(24 * HOUR)
    last = shop.plan("last")
    run(shop)
    assert shop.state(last) == ("not_sent", "stopped")
    assert len(shop.events("Consent Withdrawn")) == 2


def test_a_stop_holds_for_its_brand_and_channel_only(shop: Shop) -> None:
    write_stop(shop.home, Address("P1@Example.org", "tal", "email"), "unsubscribed", shop.clock.now())
    fine = shop.plan("e1")
    run(shop)
    assert shop.state(fine) == ("sent", "")


@pytest.mark.parametrize("cause", ["bounced", "erased"])
def test_an_address_that_is_gone_gets_not_even_a_receipt(shop: Shop, cause: str) -> None:
    write_stop(shop.home, Address("p1@example.org", "*", "*"), cause, shop.clock.now())
    message = shop.plan("e1", template="receipt", purpose="transactional", address="P1@example.org")
    run(shop)
    assert shop.state(message) == ("not_sent", "stopped")


def test_who_unsubscribed_still_gets_receipts(shop: Shop) -> None:
    write_stop(shop.home, Address("p1@example.org", "*", "*"), "complained", shop.clock.now())
    message = shop.plan("e1", template="receipt", purpose="transactional")
    run(shop)
    assert shop.state(message) == ("sent", "")


def test_an_unknown_cause_is_refused(shop: Shop) -> None:
    with pytest.raises(ValueError, match="unknown cause"):
        write_stop(shop.home, Address("p1@example.org", "*", "*"), "bored", 0)


def test_a_withdrawal_works_when_the_message_is_long_forgotten(shop: Shop) -> None:
    token = mailed_token(shop)
    shop.write("DELETE FROM message")
    withdraw(shop.home, shop.log, token, shop.clock)
    (event,) = shop.events("Consent Withdrawn")
    assert event.identity == ("email:p1@example.org",)


@given(TEXT, TEXT, TEXT, TEXT)
def test_a_token_says_what_it_was_made_for(ledger: str, address: str, brand: str, channel: str) -> None:
    links = Links(b"secret")
    way_out = WayOut(ledger, address, brand, channel)
    assert links.read(links.token(way_out)) == way_out


@given(st.text(max_size=80), st.binary(max_size=80))
def test_what_is_not_a_token_is_refused(text: str, secret: bytes) -> None:
    links = Links(b"secret")
    foreign = Links(b"other" + secret).token(WayOut("a", "b", "c", "d"))
    for token in (text, foreign):
        with pytest.raises(BadToken):
            links.read(token)


@given(st.data())
def test_a_token_changed_anywhere_is_refused(data: st.DataObject) -> None:
    links = Links(b"secret")
    token = links.token(WayOut("basket/remind/e1", "ada@example.org", "berg", "email"))
    place = data.draw(st.integers(0, len(token) - 2))  # the last character carries bits that are cut off
    other = data.draw(st.sampled_from("abcXYZ019-_").filter(lambda char: char != token[place]))
    with pytest.raises(BadToken):
        links.read(token[:place] + other + token[place + 1 :])


def test_a_token_shows_nothing_of_whom_it_is_about() -> None:
    links = Links(b"secret")
    one = links.token(WayOut("j/s/1", "ada@example.org", "berg", "email"))
    other = links.token(WayOut("j/s/2", "ada@example.org", "berg", "email"))
    assert one[:8] != other[:8]
    assert one[24:] != other[24:]
