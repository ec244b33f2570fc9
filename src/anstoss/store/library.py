"""Which SQLite library is used.

SQLite before 3.51.3 can corrupt a write-ahead log under many processes (the WAL-reset bug), so the bundled library of
``pysqlite3`` takes the place of Python's own where that is older. It is registered as ``sqlite3`` so that Django,
imported later, uses the same one: two SQLite libraries on one file in one process would break POSIX locks.
"""

import sqlite3 as _own
import sys
from typing import Any

SAFE_VERSION = (3, 51, 3)


def _choose() -> Any:
    if _own.sqlite_version_info >= SAFE_VERSION:
        return _own
    try:
        import pysqlite3
    except ImportError:  # no wheel for this platform: `anstoss doctor` and the log say so
        return _own
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
    return pysqlite3


sqlite3 = _choose()
"""The DB-API module to use everywhere."""

wal_is_safe: bool = tuple(sqlite3.sqlite_version_info) >= SAFE_VERSION
"""Whether the library in use has the fix of the WAL-reset bug."""
