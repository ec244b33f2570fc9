"""Django's SQLite backend, taking its turn: a transaction holds the gate of ``state.db`` from BEGIN to its end."""

from typing import Any

from django.db.backends.sqlite3 import base as sqlite

from anstoss.web.home import home_of


class DatabaseWrapper(sqlite.DatabaseWrapper):
    """A connection to ``state.db``. Writes belong into ``transaction.atomic``; only those take the gate."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gate: Any = None

    def _start_transaction_under_autocommit(self) -> None:
        self._gate = home_of(self.settings_dict["NAME"]).gate("state")
        self._gate.__enter__()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # unknown to the stubs
        except BaseException:
            self._leave()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # unknown to the stubs
        self._leave()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # unknown to the stubs
        finally:
            self._leave()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # unknown to the stubs
        finally:
            self._leave()

    def _leave(self) -> None:
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.__exit__(None, None, None)
            gate.close()
