"""Putting Django in order for one home: its settings, its tables, its staff."""

import django
from django.conf import settings as django_settings

from anstoss.brands.public import Settings
from anstoss.store.public import Home
from anstoss.web.home import show
from anstoss.web.settings import values


def configure(home: Home, settings: Settings) -> None:
    """Let Django in this process work on ``home``. May be called again for another home."""
    wanted = values(home, settings)
    if not django_settings.configured:
        django_settings.configure(**wanted)
        django.setup()
    elif django_settings.DATABASES["default"]["NAME"] != wanted["DATABASES"]["default"]["NAME"]:
        _move(wanted)
    show(home)


def _move(wanted: dict[str, object]) -> None:
    from django.db import connections

    connections.close_all()
    for name in ("SECRET_KEY", "ALLOWED_HOSTS"):
        setattr(django_settings, name, wanted[name])
    database = wanted["DATABASES"]
    connections.settings["default"]["NAME"] = database["default"]["NAME"]  # type: ignore[index]  # a dict, see settings


def create_tables() -> None:
    """Create or bring up to date the tables of logins."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def create_staff(home: Home, username: str, password: str) -> None:
    """Give somebody a login to the back office of ``home``, or a new password to who has one."""
    from django.db import connection, transaction

    configure(home, Settings())
    try:
        create_tables()
        from django.contrib.auth.models import User

        with transaction.atomic():
            user, _ = User.objects.get_or_create(username=username, defaults={"is_staff": True})
            user.set_password(password)
            user.save()
    finally:
        connection.close()
