"""The door of the warehouse."""

from anstoss.warehouse.engine_socket import EngineSocket, Unavailable, ask
from anstoss.warehouse.file import Unsound, content_hash
from anstoss.warehouse.local import local
from anstoss.warehouse.projector import Projector
from anstoss.warehouse.questions import QuestionRefused, Questions

__all__ = [
    "EngineSocket",
    "Projector",
    "QuestionRefused",
    "Questions",
    "Unavailable",
    "Unsound",
    "ask",
    "content_hash",
    "local",
]
