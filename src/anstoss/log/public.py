"""The door of the log."""

from anstoss.log.door import LogDoor
from anstoss.log.event import Appended, Event, LogUnavailable, NewEvent, Reject, Row, contents, row_of
from anstoss.log.group import Group
from anstoss.log.log import Log

__all__ = [
    "Appended",
    "Event",
    "Group",
    "Log",
    "LogDoor",
    "LogUnavailable",
    "NewEvent",
    "Reject",
    "Row",
    "contents",
    "row_of",
]
