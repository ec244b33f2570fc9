"""The door of the store."""

from anstoss.store.documents import DocumentError, read_document, read_documents
from anstoss.store.home import Home
from anstoss.store.library import sqlite3, wal_is_safe
from anstoss.store.sqlite import Connection, Gate, connect, transaction

__all__ = [
    "Connection",
    "DocumentError",
    "Gate",
    "Home",
    "connect",
    "read_document",
    "read_documents",
    "sqlite3",
    "transaction",
    "wal_is_safe",
]
