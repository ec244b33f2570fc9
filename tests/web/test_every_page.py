"""What holds for every address: a login, a content policy, no forged forms."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import PASSWORD, Office

OPEN = {"login", "set-language", "healthz", "way-out", "imprint"}
"""Addresses that need no login."""
EXAMPLES = {"mail_id": 1, "person": 1, "seq": 1, "ledger": "basket/reminder/x", "token": "x", "brand": "shop"}


def addresses() -> Iterator[tuple[str, str]]:
    """Every address of the URLconf by name, with an example in place of each variable."""
    from anstoss.web.urls import urlpatterns

    def walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, str]]:
        for each in patterns:
            route = prefix + str(each.pattern)
            if hasattr(each, "url_patterns"):
                yield from walk(each.url_patterns, route)
            else:
                yield each.name, "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(EXAMPLES[found[1]]), route)

    yield from walk(urlpatterns, "")


@pytest.fixture
def visitor(shown: Office) -> Any:
    from django.test import Client

    return Client(enforce_csrf_checks=True, headers={"accept-language": "de"})


@pytest.fixture
def lena(shown: Office) -> Any:
    from django.test import Client

    client = Client(headers={"accept-language": "de"})
    assert client.login(username="lena", password=PASSWORD)
    return client


def test_every_address_asks_for_a_login(visitor: Any) -> None:
    asked = {name: visitor.get(address) for name, address in addresses()}
    assert {"overview", "mailbox", "mail", "events", "customers", "customer"} <= asked.keys()
    without = {name for name, answer in asked.items() if "/login/" not in answer.headers.get("Location", "")}
    assert without == OPEN


def test_every_answer_carries_the_policy(visitor: Any, lena: Any) -> None:
    for client in (visitor, lena):
        for name, address in addresses():
            policy = client.get(address).headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'"), name
            assert "script-src 'unsafe" not in policy, name
            assert "http" not in policy, name


def test_pages_bring_nothing_inline_and_nothing_from_elsewhere(lena: Any) -> None:
    for name, address in addresses():
        answer = lena.get(address)
        if name == "mail-html" or "text/html" not in answer.headers["Content-Type"]:
            continue
        html = answer.content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html), name
        assert not re.search(r'(?:src|<link[^>]*href)="(?:https?:)?//', html), name


def test_a_form_from_elsewhere_is_refused(visitor: Any) -> None:
    form = {"username": "lena", "password": PASSWORD}
    assert visitor.post("/login/", form).status_code == 403
    assert visitor.post("/logout/").status_code == 403


def test_a_wrong_password_says_how_many_are_left(shown: Office) -> None:
    from django.test import Client

    client = Client(headers={"x-forwarded-for": "192.0.2.77", "accept-language": "en"})
    wrong = {"username": "lena", "password": "falsch"}
    said = [client.post("/login/", wrong) for _ in range(5)]
    assert "4 attempts left" in said[0].content.decode()
    assert "1 attempt left" in said[3].content.decode()
    right = {"username": "lena", "password": PASSWORD}
    assert client.post("/login/", right).status_code == 429
    assert Client(headers={"x-forwarded-for": "192.0.2.78"}).post("/login/", right).status_code == 302


def test_where_to_go_after_the_login_stays_here(shown: Office) -> None:
    from django.test import Client

    form = {"username": "lena", "password": PASSWORD}
    assert Client().post("/login/?next=/events/", form).headers["Location"] == "/events/"
    assert Client().post("/login/?next=https://elsewhere.example/", form).headers["Location"] == "/"
