"""What happens to a message between its plan and the mailbox."""

from .shop import Shop


def test_a_planned_message_reaches_the_mailbox_once_and_the_log_tells_of_it(shop: Shop) -> None:
    message = shop.plan("e1")
    sender = shop.sender()
    while sender.run_once():
        pass
    assert shop.mailed() == [message.ledger]
    assert shop.state(message) == ("sent", "")
    (handed,), (sent,) = shop.properties("Message Handed"), shop.properties("Message Sent")
    assert handed == sent
    assert handed["journey"] == "basket"
    letter = shop.mailbox.find(message.ledger)
    assert letter is not None
    assert "Guten Tag Zoë" in letter.html
    assert "Guten Tag Zoë" in letter.text
