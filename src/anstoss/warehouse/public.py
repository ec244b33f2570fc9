"""The door of the warehouse."""

from anstoss.warehouse.file import Unsound, content_hash
from anstoss.warehouse.projector import Projector

__all__ = ["Projector", "Unsound", "content_hash"]
