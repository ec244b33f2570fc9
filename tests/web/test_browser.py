"""One story in a real browser: logging in, a mail, a customer, and events that appear by themselves."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from anstoss.brands.public import SECOND, Brand, FileClock, LegalEntity, Source, open_brands
from anstoss.customers.public import normal_address
from anstoss.delivery.public import Sender
from anstoss.log.public import Log, NewEvent
from anstoss.pulse.public import Pulse, publish, starting_definitions
from anstoss.store.public import Home, read_documents
from anstoss.web.public import create_staff

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
REQUIRED = os.environ.get("REQUIRE_PARTS") == "1"
PATIENCE = 60
WRITE_KEY = "key-of-the-website"
MAIL = "ada.lind@fernwald.example"
DEFINITIONS = """
journey: basket-abandoned
name: {de: Warenkorb verlassen, en: Basket abandoned}
start: {on: Checkout Started}
steps: [{send: reminder}]
---
key: reminder
purpose: marketing
channel: email
variants:
  de: &words
    subject: Noch da, Ihr Korb
    preheader: Noch da
    mjml: <mj-section><mj-column><mj-text>Guten Tag {{ customer.first_name }}</mj-text></mj-column></mj-section>
  en: *words
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None and not REQUIRED, reason="not run: Chromium absent"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def played(home: Home) -> None:
    """A basket was left, and its reminder sent: through the real log, pulse and sender."""
    home.create()
    brands = open_brands(home)
    entity = LegalEntity("Fernwald", "GmbH", "Waldweg 1", "04109", "Leipzig", email="hallo@fernwald.example")
    brands.add_brand(Brand("shop", "Fernwald", entity, sender_name="Fernwald", sender_address="hallo@fernwald.example"))
    brands.add_source(Source("web", "shop"), WRITE_KEY)
    clock = FileClock(home.clock_file)
    log = Log(home, clock, durable=False)
    pulse = Pulse(home, log, clock)
    publish(home, log, clock, [*starting_definitions(), *read_documents(DEFINITIONS)])
    pulse.catch_up()
    who = ("user:shop/1", f"email:{normal_address(MAIL)}")
    now = clock.now()
    log.append(
        [
            event("1", "", "identify", {"traits": {"email": MAIL, "first_name": "Ada", "last_name": "Lind"}}, who, now),
            event("2", "Consent Granted", "track", props(channel="email", brand="shop", email=MAIL), who, now + 1),
            event("3", "Checkout Started", "track", props(order_id="A-1", value=89.9), who, now + SECOND),
        ]
    )
    until = time.monotonic() + PATIENCE
    sender = Sender(home, log, clock)
    while time.monotonic() < until:
        pulse.catch_up()
        if sender.run_once():
            break
        time.sleep(0.05)
    pulse.catch_up()
    for each in (sender, pulse, log):
        each.close()


def props(**properties: object) -> dict[str, object]:
    return {"properties": properties}


def event(number: str, name: str, kind: str, body: dict[str, object], who: tuple[str, ...], at: int) -> NewEvent:
    return NewEvent("web", number, who, kind, name, "shop", at, orjson.dumps(body))


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    home = Home(tmp_path)
    played(home)
    create_staff(home, "lena", "fichte am hang")
    port = free_port()
    outside = {name: value for name, value in os.environ.items() if not name.startswith("ANSTOSS_")}
    env = {**outside, "ANSTOSS_HOME": str(tmp_path), "ANSTOSS_PORT": str(port), "ANSTOSS_LOG_LEVEL": "warning"}
    rooms = [subprocess.Popen([sys.executable, "-m", f"anstoss.{room}"], env=env) for room in ("web", "collect")]
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/healthz")
        yield address
    finally:
        for room in rooms:
            room.terminate()
        for room in rooms:
            room.wait(PATIENCE)


def wait_for(address: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{address} did not come up")


@pytest.fixture
def page() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    assert CHROMIUM is not None, "Chromium is absent, and REQUIRE_PARTS is set"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(locale="de", viewport={"width": 390, "height": 844}).new_page()
        page.set_default_timeout(PATIENCE * 1000)
        yield page
        browser.close()


def test_a_day_in_the_back_office(base: str, page: Any) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"{base}/")
    page.get_by_label("Benutzername").fill("lena")
    page.get_by_label("Passwort").fill("fichte am hang")
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_role("heading", name="Übersicht").wait_for()

    page.get_by_role("link", name="Postfach").click()
    page.get_by_role("link", name="Noch da, Ihr Korb").click()
    page.frame_locator("iframe").get_by_text("Guten Tag Ada").wait_for()
    page.get_by_role("link", name="Text", exact=True).click()
    assert "Guten Tag Ada" in page.locator("pre").inner_text()

    page.get_by_role("link", name="Ada Lind").click()
    page.get_by_role("heading", name="Ada Lind").wait_for()
    timeline = page.locator(".timeline").inner_text()
    assert "Nachricht „Noch da, Ihr Korb“ gesendet" in timeline
    assert "Kauf begonnen über 89,90\u00a0€" in timeline
    assert fits(page)

    page.get_by_role("button", name="English").first.click()
    page.get_by_text("Checkout started for €89.90").wait_for()
    page.get_by_role("button", name="Dark").last.click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"

    page.get_by_role("link", name="Events").click()
    page.get_by_text("Checkout started for €89.90").wait_for()
    order = {"userId": "1", "event": "Order Completed", "properties": {"order_id": "A-7", "total": 12}}
    assert httpx.post(f"{base}/v1/track", json=order, auth=(WRITE_KEY, "")).status_code == 200
    page.get_by_text("Order A-7 for €12.00").wait_for()
    assert page.locator("tr[data-seq]").first.inner_text().count("Order A-7") == 1
    assert fits(page)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 25, 23)"
    assert complaints == []


def fits(page: Any) -> bool:
    """Nothing sticks out at the side of a phone."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
