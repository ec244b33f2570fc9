"""The door of delivery."""

from anstoss.delivery.channels.mailbox import Letter, Mail, Mailbox
from anstoss.delivery.gate import Cap, Policy
from anstoss.delivery.links import BadToken, WayOut
from anstoss.delivery.outbox import Planned, beat, cancel, count_by_state, create_tables, plan, plan_many, recall
from anstoss.delivery.reasons import reason_codes, reason_words
from anstoss.delivery.sender import Sender
from anstoss.delivery.serve import serve
from anstoss.delivery.stops import Address, read_way_out, withdraw, write_stop

__all__ = [
    "Address",
    "BadToken",
    "Cap",
    "Letter",
    "Mail",
    "Mailbox",
    "Planned",
    "Policy",
    "Sender",
    "WayOut",
    "beat",
    "cancel",
    "count_by_state",
    "create_tables",
    "plan",
    "plan_many",
    "read_way_out",
    "reason_codes",
    "reason_words",
    "recall",
    "serve",
    "withdraw",
    "write_stop",
]
