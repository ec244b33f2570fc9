"""What happens to a message between its plan and the mailbox, told end to end on real files."""

import shutil
from collections.abc import Callable

import orjson
import pytest

from anstoss.brands.public import DAY, HOUR, MINUTE, SECOND, Brand, LegalEntity, open_brands
from anstoss.delivery.public import cancel, count_by_state, plan_many, recall
from anstoss.log.public import Log, LogUnavailable
from anstoss.store.public import transaction

from .shop import Shop, planned, template


def run(shop: Shop, **more: object) -> None:
    """Let a sender do everything that is due now."""
    sender = shop.sender(**more)
    while sender.run_once():
        pass
    sender.close()


def test_a_planned_message_reaches_the_mailbox_once_and_the_log_tells_of_it(shop: Shop) -> None:
    message = shop.plan("e1")
    run(shop)
    assert shop.mailed() == [message.ledger]
    assert shop.state(message) == ("sent", "")
    (handed,), (sent,) = shop.properties("Message Handed"), shop.properties("Message Sent")
    assert handed == sent
    assert handed["message"] == "basket/remind/e1"
    letter = shop.mailbox.find(message.ledger)
    assert letter is not None
    assert "Guten Tag Zoë" in letter.html
    assert "Guten Tag Zoë" in letter.text
    assert dict(letter.headers)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_same_plan_twice_is_one_message(shop: Shop) -> None:
    shop.plan("e1")
    run(shop)
    shop.plan("e1")
    run(shop)
    assert len(shop.mailed()) == 1


def test_a_message_waits_until_it_is_due(shop: Shop) -> None:
    message = shop.plan("e1", not_before=shop.clock.now() + HOUR)
    run(shop)
    assert shop.mailed() == []
    shop.later(HOUR)
    run(shop)
    assert shop.mailed() == [message.ledger]


def test_without_consent_nothing_promotional_leaves_and_the_log_says_why(shop: Shop) -> None:
    message = shop.plan("e1", address="stranger@example.org")
    run(shop)
    assert shop.mailed() == []
    assert shop.state(message) == ("not_sent", "consent_missing")
    (told,) = shop.properties("Message Not Sent")
    assert (told["reason"], told["message"]) == ("consent_missing", message.ledger)
    assert told["reason_data"] == {"channel": "email", "brand": "berg"}


@pytest.mark.parametrize(("other", "reason"), [({"brand": "tal"}, "consent_missing"), ({}, "consent_withdrawn")])
def test_a_consent_is_for_one_brand_and_ends_with_its_withdrawal(
    shop: Shop, other: dict[str, str], reason: str
) -> None:
    open_brands(shop.home).add_brand(Brand("tal", "Tal", LegalEntity("Tal"), sender_address="post@tal.example"))
    if not other:
        shop.consent("p1@example.org", "withdrawn", 2)
    message = shop.plan("e1", **other)
    run(shop)
    assert shop.state(message) == ("not_sent", reason)


def test_a_receipt_needs_no_consent_no_cap_and_no_fold(shop: Shop) -> None:
    shop.clock.advance(HOUR)
    for entry in ("e1", "e2", "e3"):
        shop.plan(entry, address="stranger@example.org", template="receipt", purpose="transactional")
    run(shop)
    assert len(shop.mailed()) == 3


def test_a_marketing_template_cannot_leave_as_a_receipt(shop: Shop) -> None:
    message = shop.plan("e1", address="stranger@example.org", purpose="transactional")
    run(shop)
    assert shop.state(message) == ("not_sent", "purpose_mismatch")


def test_while_the_fold_lags_nothing_promotional_is_claimed(shop: Shop) -> None:
    message = shop.plan("e1")
    shop.clock.advance(61 * SECOND)
    run(shop)
    assert shop.state(message) == ("planned", "")
    shop.beat()
    run(shop)
    assert shop.state(message) == ("sent", "")


def test_what_is_late_is_not_sent(shop: Shop) -> None:
    message = shop.plan("e1", not_after=shop.clock.now() + HOUR)
    shop.later(2 * HOUR)
    run(shop)
    assert shop.state(message) == ("not_sent", "expired")


def test_the_second_promotional_mail_waits_for_the_cap(shop: Shop) -> None:
    first, second = shop.plan("e1"), shop.plan("e2")
    run(shop)
    assert shop.mailed() == [first.ledger]
    assert shop.state(second) == ("planned", "cap")
    shop.later(20 * HOUR - SECOND)
    run(shop)
    assert shop.state(second) == ("planned", "cap")
    shop.later(SECOND)
    run(shop)
    assert shop.state(second) == ("sent", "")


def test_the_cap_refuses_what_cannot_wait(shop: Shop) -> None:
    shop.plan("e1")
    run(shop)
    second = shop.plan("e2", not_after=shop.clock.now() + HOUR)
    run(shop)
    assert shop.state(second) == ("not_sent", "cap")


def test_under_the_cap_the_more_important_message_goes_first(shop: Shop) -> None:
    shop.plan("less", priority=1)
    more = shop.plan("more", priority=5)
    others = [shop.plan(f"other{person}", person) for person in range(2, 8)]
    sender = shop.sender()
    sender.batch = 100
    sender.run_once()
    assert set(shop.mailed()) == {more.ledger, *(other.ledger for other in others)}


def test_two_senders_keep_the_cap_between_them(shop: Shop) -> None:
    shop.plan("e1")
    shop.plan("e2")
    first, second = shop.sender(), shop.sender()
    between(first, "_hand", second.run_once)
    first.run_once()
    assert len(shop.mailed()) == 1


def between(sender: object, step: str, what: object) -> None:
    """Let ``what`` happen just before a sender takes this step."""
    proper = getattr(sender, step)

    def interrupted(*args: object) -> object:
        setattr(sender, step, proper)
        what()  # type: ignore[operator]
        return proper(*args)

    setattr(sender, step, interrupted)


def test_a_message_cancelled_under_lease_is_not_handed_over(shop: Shop) -> None:
    message = shop.plan("e1")
    sender = shop.sender()

    def leave() -> None:
        with transaction(shop.con, shop.home.gate("state")):
            assert cancel(shop.con, "e1", "left_journey") == 1

    between(sender, "_hand", leave)
    sender.run_once()
    run(shop)
    assert shop.mailed() == []
    assert shop.state(message) == ("not_sent", "left_journey")
    assert [told["reason"] for told in shop.properties("Message Not Sent")] == ["left_journey"]


def test_what_is_handed_over_can_no_longer_be_cancelled(shop: Shop) -> None:
    shop.plan("e1")
    run(shop)
    with transaction(shop.con, shop.home.gate("state")):
        assert cancel(shop.con, "e1", "left_journey") == 0


@pytest.mark.parametrize("step", ["_hand", "_tell_handed", "_deliver", "_settle"])
def test_a_sender_stalled_beyond_its_lease_sends_nothing_twice(shop: Shop, step: str) -> None:
    message = shop.plan("e1")
    stalled = shop.sender()

    def meanwhile() -> None:
        shop.later(2 * MINUTE)
        run(shop)

    between(stalled, step, meanwhile)
    stalled.run_once()
    run(shop)
    assert shop.mailed() == [message.ledger]
    assert shop.state(message) == ("sent", "")


def test_a_hand_over_that_was_cut_off_is_uncertain_and_never_repeated(shop: Shop) -> None:
    message = shop.plan("e1")
    sender = shop.sender()
    sender._channels["email"].close()  # the mailbox's file is gone from under the sender
    with pytest.raises(Exception, match="closed"):
        sender.run_once()
    shop.later(59 * SECOND)
    run(shop)
    assert shop.state(message)[0] == "handed"
    shop.later(2 * SECOND)
    run(shop)
    assert count_by_state(shop.con) == {"uncertain": 1}
    shop.later(HOUR)
    run(shop)
    assert shop.mailed() == []


def restored(shop: Shop, lose: Callable[[], None]) -> None:
    """Back up the state, let something happen, and put the backup in its place."""
    backup = shop.home.path / "backup.db"
    shop.con.execute("VACUUM INTO ?", (str(backup),))
    lose()
    shop.con.close()
    for suffix in ("-wal", "-shm"):
        shop.home.path.joinpath("state.db" + suffix).unlink(missing_ok=True)
    shutil.copy(backup, shop.home.state_db)
    shop.reopen()
    shop.beat()


def test_an_older_state_restored_sends_nothing_again(shop: Shop) -> None:
    messages = [shop.plan(f"e{person}", person) for person in range(5)]
    restored(shop, lambda: run(shop))
    assert len(shop.mailed()) == 5
    run(shop)
    assert len(shop.mailed()) == 5
    assert {shop.state(message)[0] for message in messages} == {"sent_before_restore"}


def test_what_the_log_recalls_after_a_restore_counts_and_has_one_outcome(shop: Shop) -> None:
    message = shop.plan("e1")
    restored(shop, lambda: run(shop))
    (handed,) = shop.events("Message Handed")
    for expected in (True, False):
        with transaction(shop.con, shop.home.gate("state")):
            assert recall(shop.con, message.ledger, "sent_before_restore", handed.occurred_at) is expected
    second = shop.plan("e2")
    shop.later(4 * DAY)
    run(shop)
    assert shop.state(message) == ("sent_before_restore", "")
    assert [told["message"] for told in shop.properties("Message Not Sent")] == [second.ledger]


def test_a_recalled_hand_over_counts_for_the_cap(shop: Shop) -> None:
    message = shop.plan("e1")
    restored(shop, lambda: run(shop))
    with transaction(shop.con, shop.home.gate("state")):
        recall(shop.con, message.ledger, "sent_before_restore", shop.clock.now())
    second = shop.plan("e2")
    run(shop)
    assert shop.state(second) == ("planned", "cap")


class FullLog(Log):
    """A log on a full disk."""

    full = True

    def append(self, events, **more):  # type: ignore[no-untyped-def]
        if self.full:
            raise LogUnavailable("disk full")
        return super().append(events, **more)


def test_without_the_log_nothing_leaves_and_nothing_is_lost(shop: Shop) -> None:
    shop.log = log = FullLog(shop.home, shop.clock)
    message = shop.plan("e1")
    sender = shop.sender()
    with pytest.raises(LogUnavailable):
        sender.run_once()
    assert shop.mailed() == []
    log.full = False
    shop.later(2 * SECOND)
    run(shop)
    assert shop.mailed() == [message.ledger]
    assert shop.state(message) == ("sent", "")


def test_the_control_group_gets_nothing_and_is_recorded(shop: Shop) -> None:
    message = shop.plan("e1", withheld="control_group")
    run(shop)
    assert shop.mailed() == []
    assert shop.state(message) == ("not_sent", "control_group")
    assert len(shop.events("Message Not Sent")) == 1


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"address": ""}, "no_address"),
        ({"address": "a@b.example\r\nBcc: c@d.example"}, "no_address"),
        ({"address": "ü@example.org"}, "no_address"),
        ({"template_version": 9}, "template_missing"),
        ({"template": "strict"}, "template_failed"),
        ({"template": "broken"}, "template_failed"),
        ({"brand": "nobody"}, "brand_missing"),
        ({"brand": "anonymous"}, "imprint_missing"),
    ],
)
def test_what_cannot_be_written_is_refused_and_stops_nobody_else(
    shop: Shop, more: dict[str, object], reason: str
) -> None:
    open_brands(shop.home).add_brand(Brand("anonymous", "X", LegalEntity("X"), sender_address="x@x.example"))
    shop.publish(
        template("strict", mjml="<mj-section><mj-column><mj-text>{{ coupon.code }}</mj-text></mj-column></mj-section>")
    )
    shop.publish(template("broken", mjml="<mj-section>"))
    for address in ("ü@example.org", "p1@example.org"):
        shop.consent(address, brand="anonymous")
        shop.consent(address, brand="nobody")
        shop.consent(address)
    other, message = shop.plan("fine", 2), shop.plan("e1", **more)
    run(shop)
    assert shop.mailed() == [other.ledger]
    assert shop.state(message) == ("not_sent", reason)


def test_many_messages_all_arrive_and_batches_grow(shop: Shop) -> None:
    now = shop.clock.now()
    with transaction(shop.con, shop.home.gate("state")):
        assert plan_many(shop.con, (receipt(number, now) for number in range(500))) == 500
    sender = shop.sender()
    while sender.run_once():
        pass
    assert len(set(shop.mailed())) == len(shop.mailed()) == 500


def receipt(number: int, now: int) -> object:
    return planned(f"e{number}", number, now, template="receipt", purpose="transactional")


def test_the_mailbox_shows_what_would_go_over_the_wire(shop: Shop) -> None:
    for person in range(3):
        shop.plan(f"e{person}", person)
        run(shop)
    newest, older = shop.mailbox.list(limit=2)
    assert (newest.recipient, older.recipient) == ("p2@example.org", "p1@example.org")
    (oldest,) = shop.mailbox.list(before=older.id)
    letter = shop.mailbox.get(oldest.id)
    assert letter is not None
    assert letter.raw.startswith(b"From: Berg <post@berg.example>\r\n")
    assert ("To", "p0@example.org") in letter.headers
    assert shop.mailbox.get(999) is None


def test_the_context_travels_on_the_row(shop: Shop) -> None:
    context = orjson.dumps({"customer": {"first_name": "Max"}, "event": {}, "products": []})
    message = shop.plan("e1", context=context)
    run(shop)
    letter = shop.mailbox.find(message.ledger)
    assert letter is not None
    assert "Guten Tag Max" in letter.text
