"""The door of the log."""

from anstoss.log.door import LogDoor
from anstoss.log.event import Appended, Event, LogUnavailable, NewEvent, Reject, Row, row_of
from anstoss.log.log import Log

__all__ = ["Appended", "Event", "Log", "LogDoor", "LogUnavailable", "NewEvent", "Reject", "Row", "row_of"]
