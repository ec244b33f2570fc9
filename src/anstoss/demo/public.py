"""The door of the demo."""

from anstoss.demo.brand import FERNWALD, WEBSITE
from anstoss.demo.goods import Product
from anstoss.demo.reactions import Mailing
from anstoss.demo.shop import Shop
from anstoss.demo.truth import truth, write_truth

__all__ = ["FERNWALD", "WEBSITE", "Mailing", "Product", "Shop", "truth", "write_truth"]
