"""The door of intake."""

from anstoss.collect.app import Collector
from anstoss.collect.contact import email_identity, phone_identity
from anstoss.collect.order_file import ImportRefused
from anstoss.collect.orders import ImportReport, OrderImport, import_orders
from anstoss.collect.serve import serve

__all__ = [
    "Collector",
    "ImportRefused",
    "ImportReport",
    "OrderImport",
    "email_identity",
    "import_orders",
    "phone_identity",
    "serve",
]
