"""The messages of an instance, as the people of the simulated shop get them."""

from collections.abc import Iterable, Iterator

from anstoss.content.public import playbook
from anstoss.demo.brand import FERNWALD
from anstoss.demo.reactions import Mailing
from anstoss.log.public import Event, contents


def mailings(rows: Iterable[Event]) -> Iterator[Mailing]:
    """What reached people, by the log's rows: one for each ``Message Sent``.

    Every mail of the playbook leads to the shop; which of its links is clicked makes no difference to the simulation.
    """
    for row in rows:
        if row.name == "Message Sent" and row.origin == "reaction":
            said = contents(row.payload)["properties"]
            template = playbook().get(said["template"])
            yield Mailing(
                message_id=said["message"],
                recipient=row.identity[0],
                journey=said["journey"],
                step=said["step"],
                template=said["template"],
                handed_at=row.occurred_at,
                subject=said["subject"],
                purpose=template.purpose if template else "marketing",
                links=(FERNWALD.shop_url,),
            )
