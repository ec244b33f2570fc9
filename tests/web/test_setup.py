"""Logins of a home: their tables, and taking turns at ``state.db``."""

import threading
from pathlib import Path

import pytest

from anstoss.brands.public import Settings
from anstoss.store.public import Home
from anstoss.web.public import create_staff
from anstoss.web.safety import Attempts
from anstoss.web.setup import configure


def home_in(folder: Path) -> Home:
    home = Home(folder)
    home.create()
    return home


def may_enter(home: Home, username: str, password: str) -> bool:
    from django.contrib.auth import authenticate
    from django.db import connection

    configure(home, Settings())
    try:
        return authenticate(username=username, password=password) is not None
    finally:
        connection.close()


def test_a_login_belongs_to_its_home(tmp_path: Path) -> None:
    first, second = home_in(tmp_path / "first"), home_in(tmp_path / "second")
    create_staff(first, "lena", "fichte am hang")
    create_staff(second, "jonas", "stube im schnee")
    assert may_enter(first, "lena", "fichte am hang")
    assert not may_enter(second, "lena", "fichte am hang")
    assert may_enter(second, "jonas", "stube im schnee")
    assert not may_enter(second, "jonas", "fichte am hang")


def test_a_second_time_gives_a_new_password(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    create_staff(home, "lena", "das alte wort")
    create_staff(home, "lena", "das neue wort")
    assert may_enter(home, "lena", "das neue wort")
    assert not may_enter(home, "lena", "das alte wort")


def test_a_transaction_waits_for_the_gate_and_gives_it_back(tmp_path: Path) -> None:
    from django.contrib.auth.models import User
    from django.db import connection, transaction

    home = home_in(tmp_path)
    create_staff(home, "lena", "fichte am hang")
    begun, written = threading.Event(), threading.Event()

    def rename() -> None:
        begun.set()
        with transaction.atomic():
            User.objects.filter(username="lena").update(first_name="Lena")
        written.set()
        connection.close()

    gate = home.gate("state")
    with gate:
        other = threading.Thread(target=rename)
        other.start()
        assert begun.wait(5)
        assert not written.wait(0.2), "Django wrote past the gate"
    assert written.wait(10)
    other.join()
    assert gate.try_enter(), "Django kept the gate"
    gate.__exit__(None, None, None)
    gate.close()


def test_a_failed_transaction_gives_the_gate_back(tmp_path: Path) -> None:
    from django.contrib.auth.models import User
    from django.db import connection, transaction

    home = home_in(tmp_path)
    create_staff(home, "lena", "fichte am hang")

    def fail() -> None:
        with transaction.atomic():
            User.objects.filter(username="lena").update(first_name="Lena")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    gate = home.gate("state")
    assert gate.try_enter()
    gate.__exit__(None, None, None)
    gate.close()
    assert User.objects.get(username="lena").first_name == ""
    connection.close()


def test_after_five_wrong_passwords_there_is_a_pause() -> None:
    now = [0.0]
    attempts = Attempts(at_most=5, seconds=900, clock=lambda: now[0])
    for left in (4, 3, 2, 1, 0):
        attempts.failed("192.0.2.1 lena")
        assert attempts.left("192.0.2.1 lena") == left
    assert attempts.left("192.0.2.2 lena") == 5
    now[0] = 899
    assert attempts.left("192.0.2.1 lena") == 0
    now[0] = 901
    assert attempts.left("192.0.2.1 lena") == 5
    attempts.failed("192.0.2.1 lena")
    attempts.succeeded("192.0.2.1 lena")
    assert attempts.left("192.0.2.1 lena") == 5
