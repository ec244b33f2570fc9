"""The fill plays the shop through the real rooms: what comes of it is whole, lawful and the same for the same seed."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from anstoss.brands.public import HOUR, ManualClock
from anstoss.delivery.public import Mailbox
from anstoss.demo import fill as filling
from anstoss.demo.public import Shop, fill, keep_truth, open_shop
from anstoss.log.public import Event, Log
from anstoss.store.public import Home, connect

CUSTOMERS, DAYS = 80, 60


class Filled:
    """A home that was filled."""

    def __init__(self, path: Path, start: int) -> None:
        path.mkdir()
        self.home = Home(path)
        # Who is in the control group depends on the instance's secret.
        self.home.secret_file.write_text("ab" * 32)
        open_shop(self.home, "http://localhost:8000")
        self.shop = Shop(3, CUSTOMERS, start, days=DAYS)
        self.told = fill(self.home, self.shop)
        log = Log(self.home, ManualClock(self.shop.end))
        self.rows: list[Event] = log.read(0, 1 << 30)
        log.close()
        mailbox = Mailbox(self.home)
        self.mails = mailbox.list(limit=1 << 30)
        mailbox.close()

    def messages(self) -> list[tuple[str, str, str]]:
        """(ledger key, state, reason) of the outbox."""
        con = connect(self.home.state_db)
        found = con.execute("SELECT id, state, reason FROM message ORDER BY id").fetchall()
        con.close()
        return found  # type: ignore[no-any-return]

    def named(self, *names: str) -> list[dict[str, object]]:
        """What the rows of these names say."""
        return [orjson.loads(row.payload)["properties"] for row in self.rows if row.name in names]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, start: int) -> Filled:
    return Filled(tmp_path_factory.mktemp("demo") / "home", start)


def test_it_says_what_it_did(filled: Filled) -> None:
    assert filled.told.customers == len(filled.shop.people) >= CUSTOMERS
    assert filled.told.days == DAYS
    assert filled.told.messages == len(filled.mails) > 20
    assert filled.told.events == sum(row.source == "fernwald-shop" for row in filled.rows)


def test_events_were_received_when_they_happened(filled: Filled) -> None:
    told = [row for row in filled.rows if row.source == "fernwald-shop"]
    assert sum(row.received_at == row.occurred_at for row in told) > 0.99 * len(told)
    stamps = [row.received_at for row in filled.rows]
    assert stamps == sorted(stamps)


def test_the_same_seed_gives_the_same_rows_and_mails(filled: Filled, tmp_path: Path, start: int) -> None:
    again = Filled(tmp_path / "home", start)
    assert again.rows == filled.rows
    assert again.mails == filled.mails
    assert again.messages() == filled.messages()


def test_no_message_went_out_twice_and_every_one_has_an_outcome(filled: Filled) -> None:
    assert max(Counter(mail.ledger for mail in filled.mails).values()) == 1
    planned = {str(said["message"]) for said in filled.named("Message Planned")}
    ended = {str(said["message"]) for said in filled.named("Message Sent", "Message Not Sent")}
    waiting = {ledger for ledger, state, _ in filled.messages() if state == "planned"}
    assert planned == ended | waiting
    assert not ended & waiting
    assert {str(said["message"]) for said in filled.named("Message Sent")} == {mail.ledger for mail in filled.mails}


def test_nothing_failed_for_a_reason_of_ours(filled: Filled) -> None:
    lawful = {"consent_missing", "consent_withdrawn", "control_group", "left_journey", "no_address", "cap", "expired"}
    assert {said["reason"] for said in filled.named("Message Not Sent")} <= lawful


def test_mail_goes_only_to_people_who_had_consented(filled: Filled) -> None:
    consent: dict[str, bool] = {}
    mailed = 0
    for row in filled.rows:
        person = filled.shop.person(row.identity[0]) if row.identity else None
        address = person.card.email if person else ""
        if row.name in ("Consent Granted", "Consent Withdrawn", "Unsubscribed"):
            consent[address] = row.name == "Consent Granted"
        elif row.name == "Message Handed":
            mailed += 1
            assert consent.get(address), f"{address} was mailed at {row.seq} without consent"
    assert mailed == len(filled.mails)


def test_people_read_their_mail(filled: Filled) -> None:
    opened = {said["message"] for said in filled.named("Email Opened")}
    assert opened
    assert opened <= {mail.ledger for mail in filled.mails}


def test_the_truth_tells_of_everybody(filled: Filled) -> None:
    keep_truth(filled.home, filled.shop)
    told = orjson.loads((filled.home.path / "truth.json").read_bytes())
    assert told["until"] == filled.shop.end
    assert len(told["people"]) == len(filled.shop.people)
    orders = sum(person["orders"] for person in told["people"].values())
    assert orders == sum(row.name == "Order Completed" for row in filled.rows)


def test_pieces_are_short_when_the_shop_is_busy(start: int) -> None:
    shop = Shop(3, CUSTOMERS, start, days=10)
    ends = [start, *filling.pauses(shop)]
    lengths = [later - earlier for earlier, later in pairwise(ends)]
    assert ends[-1] == shop.end
    assert min(lengths) < 3 * HOUR < 6 * HOUR < max(lengths)
