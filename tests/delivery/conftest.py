from collections.abc import Iterator
from pathlib import Path

import pytest

from .shop import Shop, open_shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = open_shop(tmp_path / "home")
    yield shop
    shop.con.close()
