"""The door of intake."""

from anstoss.collect.app import Collector
from anstoss.collect.contact import email_identity, phone_identity
from anstoss.collect.serve import serve

__all__ = ["Collector", "email_identity", "phone_identity", "serve"]
