"""A small real home for commands, and the command itself, called as a shell would."""

import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.pulse.homes import START, TEMPLATE, Shop
from tests.pulse.test_stories import BASKET

from anstoss.brands.public import MINUTE, set_clock
from anstoss.cli.main import main

SEGMENT = """
---
segment: lookers
name: {de: Gucker, en: Lookers}
rule: {did: {event: Product Viewed, within: 1d}}
"""


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        assert self.err == ""
        return orjson.loads(self.out)


@dataclass(frozen=True)
class Command:
    """The command on one home."""

    home: Path

    def __call__(self, *arguments: str | Path) -> Answer:
        out, err = StringIO(), StringIO()
        words = ["anstoss", "--home", str(self.home), *map(str, arguments)]
        with patch.dict("os.environ"), patch.object(sys, "argv", words), redirect_stdout(out), redirect_stderr(err):
            try:
                main()
                code = 0
            except SystemExit as end:
                code = int(end.code or 0)
        return Answer(code, out.getvalue(), err.getvalue())


def lived(path: Path) -> Shop:
    """A shop whose customer 1 left a basket and whose customer 2 looked at something."""
    shop = Shop(path)
    shop.publish(TEMPLATE + BASKET + SEGMENT)
    shop.identifies({"email": "anna@example.org", "firstName": "Anna"}, who=("user:shop/1", "email:anna@example.org"))
    shop.happens("Consent Granted", {"channel": "email"})
    shop.happens("Checkout Started", {"order_id": "B1", "value": 80})
    shop.happens("Order Completed", {"order_id": "B0", "revenue": 19.99}, occurred_at=START - 1)
    shop.happens("Product Viewed", {"product_id": "p"}, who=("user:shop/2",))
    shop.passes(MINUTE)
    return shop


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Command]:
    """Homes to try commands on: whoever changes one asks for one of her own."""

    def made() -> Command:
        shop = lived(tmp_path_factory.mktemp("cli") / "home")
        shop.pulse.close()
        shop.con.close()
        shop.log.close()
        set_clock(shop.home.clock_file, shows=shop.clock.now(), speed=1)
        return Command(shop.path)

    return made


@pytest.fixture(scope="session")
def anstoss(make: Callable[[], Command]) -> Command:
    """A home that is only read from."""
    return make()
