"""What a demo keeps in its home besides the instance: the shop as it stands, its truth, and how to get in."""

import pickle
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from anstoss.demo.shop import Shop
from anstoss.demo.truth import write_truth
from anstoss.store.public import Home


@dataclass(frozen=True)
class Login:
    """How to get into the back office of a demo."""

    password: str
    user: str = "demo"


class NotADemo(ValueError):
    """The directory holds something other than a demo, which must not be touched."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is not empty and holds no demo; choose another --home")


def is_filled(home: Home) -> bool:
    """Whether a demo was filled to its end here; ``NotADemo`` when something else lies in the directory."""
    if not _login_file(home).exists() and home.path.exists() and any(home.path.iterdir()):
        raise NotADemo(home.path)
    return _shop_file(home).exists()


def clear(home: Home) -> None:
    """Remove a demo, filled or begun."""
    if home.path.exists():
        is_filled(home)
        shutil.rmtree(home.path)


def keep_login(home: Home, login: Login) -> None:
    """Remember how to get in. This marks the directory as a demo's."""
    home.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    _login_file(home).touch(mode=0o600)
    _login_file(home).write_bytes(msgspec.json.encode(asdict(login)))


def kept_login(home: Home) -> Login:
    """How to get in."""
    return msgspec.json.decode(_login_file(home).read_bytes(), type=Login)


def keep_shop(home: Home, shop: Shop) -> None:
    """Remember the lives of the shop's people as they stand now."""
    scratch = _shop_file(home).with_suffix(".new")
    scratch.write_bytes(pickle.dumps(shop))
    scratch.replace(_shop_file(home))


def kept_shop(home: Home) -> Shop:
    """The shop as it was left."""
    # To play two years again would take seconds, and would miss what messages have done to its people.
    return pickle.loads(_shop_file(home).read_bytes())  # type: ignore[no-any-return]  # noqa: S301  # our own file


def keep_truth(home: Home, shop: Shop) -> None:
    """Write what is true of everybody, so that estimates can be checked against it."""
    write_truth(shop, home.path / "truth.json")


def _login_file(home: Home) -> Path:
    return home.path / "demo.json"


def _shop_file(home: Home) -> Path:
    return home.path / "shop.pickle"
