"""Settings: what is set counts, what is misspelt refuses."""

from pathlib import Path

import pytest

from anstoss.brands.public import Settings, SettingsError, settings


def test_nothing_set_means_the_defaults_and_other_names_are_not_ours() -> None:
    assert settings({"HOME": "/x", "PORT": "1"}) == Settings()


def test_every_setting_can_be_set() -> None:
    env = {"ANSTOSS_HOME": "/data", "ANSTOSS_PORT": "80", "ANSTOSS_SECURE_COOKIES": "yes", "ANSTOSS_LOG_LEVEL": "error"}
    assert settings(env) == Settings(home="/data", port=80, secure_cookies=True, log_level="error")


def test_the_processes_own_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSTOSS_HOST", "::1")
    assert settings().host == "::1"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("ANSTOSS_HOMES", "/x", "unknown setting ANSTOSS_HOMES; did you mean ANSTOSS_HOME?"),
        ("ANSTOSS_XYZZY", "/x", "unknown setting ANSTOSS_XYZZY$"),
        ("ANSTOSS_PORT", "80a", "ANSTOSS_PORT='80a': expected a whole number"),
        ("ANSTOSS_SECURE_COOKIES", "maybe", "expected yes or no"),
        ("ANSTOSS_LOG_LEVEL", "loud", "ANSTOSS_LOG_LEVEL='loud': expected one of debug, info, warning, error"),
    ],
)
def test_what_is_wrong_refuses_and_says_what(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says.replace("?", r"\?")):
        settings({name: value})


@pytest.mark.parametrize(
    ("text", "means"), [("1", True), ("TRUE", True), ("no", False), ("0", False), ("False", False)]
)
def test_yes_and_no_in_the_usual_ways(text: str, means: bool) -> None:
    assert settings({"ANSTOSS_TRUSTED_PROXY": text}).trusted_proxy is means


def test_the_data_directory_is_absolute() -> None:
    assert Settings(home="x").home_path == Path.cwd() / "x"
    assert Settings(home="~/x").home_path == Path.home() / "x"
