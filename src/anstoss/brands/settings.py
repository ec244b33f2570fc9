"""Settings from the environment. What is not known here refuses to start: a misspelt setting is a silent default."""

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

PREFIX = "ANSTOSS_"


_CHOICES = {"log_level": ("debug", "info", "warning", "error")}


class SettingsError(ValueError):
    """A setting is unknown or has a value of the wrong form."""


@dataclass(frozen=True)
class Settings:
    """What an operator can set. Each field is an environment variable: ``ANSTOSS_`` and its name in capitals."""

    home: str = "home"
    """The data directory."""
    host: str = "127.0.0.1"
    """The address the front door listens on."""
    port: int = 8000
    """The port the front door listens on."""
    allowed_hosts: str = "localhost,127.0.0.1,[::1]"
    """Host names the back office answers to, with commas between them."""
    secure_cookies: bool = False
    """Send session cookies over HTTPS only; set it behind a TLS proxy."""
    trusted_proxy: bool = False
    """Take the visitor's address from X-Forwarded-For."""
    log_level: str = "info"
    """debug, info, warning or error."""
    duckdb_memory: str = "1GB"
    """How much memory the warehouse may use before it spills to disk."""
    max_backlog: int = 2_000_000
    """So many events may wait for the pulse before intake answers 429."""

    @property
    def home_path(self) -> Path:
        """The data directory as an absolute path."""
        return Path(self.home).expanduser().resolve()


def settings(env: Mapping[str, str] | None = None) -> Settings:
    """The settings in ``env`` (the process environment by default), or ``SettingsError`` naming what is wrong."""
    env = os.environ if env is None else env
    known = {PREFIX + field.name.upper(): field for field in fields(Settings)}
    values: dict[str, object] = {}
    for name, text in env.items():
        if not name.startswith(PREFIX):
            continue
        if name not in known:
            near = difflib.get_close_matches(
                name.removeprefix(PREFIX), [each.removeprefix(PREFIX) for each in known], 1
            )
            raise SettingsError(f"unknown setting {name}" + (f"; did you mean {PREFIX}{near[0]}?" if near else ""))
        field = known[name]
        values[field.name] = _parse(name, text, type(field.default))
        choices = _CHOICES.get(field.name)
        if choices and text not in choices:
            raise SettingsError(f"{name}={text!r}: expected one of {', '.join(choices)}")
    return Settings(**values)  # type: ignore[arg-type]  # parsed to each field's own type just above


def _parse(name: str, text: str, kind: type) -> object:
    if kind is bool:
        if text.lower() not in ("0", "1", "true", "false", "yes", "no"):
            raise SettingsError(f"{name}={text!r}: expected yes or no")
        return text.lower() in ("1", "true", "yes")
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise SettingsError(f"{name}={text!r}: expected a whole number") from None
    return text
