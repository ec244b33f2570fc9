"""Django's way into ``state.db``: SQLite behind the write gate that all writers of that file share."""
