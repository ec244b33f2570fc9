"""The door of the demo."""

from anstoss.demo.brand import FERNWALD, WEBSITE
from anstoss.demo.fill import Filled, fill
from anstoss.demo.goods import Product
from anstoss.demo.instance import evening, open_shop
from anstoss.demo.keeping import (
    Login,
    NotADemo,
    clear,
    is_filled,
    keep_login,
    keep_shop,
    keep_truth,
    kept_login,
    kept_shop,
)
from anstoss.demo.live import Live
from anstoss.demo.reactions import Mailing
from anstoss.demo.shop import Shop
from anstoss.demo.truth import truth, write_truth

__all__ = [
    "FERNWALD",
    "WEBSITE",
    "Filled",
    "Live",
    "Login",
    "Mailing",
    "NotADemo",
    "Product",
    "Shop",
    "clear",
    "evening",
    "fill",
    "is_filled",
    "keep_login",
    "keep_shop",
    "keep_truth",
    "kept_login",
    "kept_shop",
    "open_shop",
    "truth",
    "write_truth",
]
