"""The door of brands."""

from anstoss.brands.brand import Brand, IncompleteImprint, LegalEntity, Source, WrongBrand, imprint
from anstoss.brands.clock import DAY, HOUR, MINUTE, SECOND, Clock, FileClock, ManualClock, set_clock
from anstoss.brands.logs import set_up_logs
from anstoss.brands.registry import Brands, UnknownBrand, open_brands
from anstoss.brands.settings import Settings, SettingsError, settings

__all__ = [
    "DAY",
    "HOUR",
    "MINUTE",
    "SECOND",
    "Brand",
    "Brands",
    "Clock",
    "FileClock",
    "IncompleteImprint",
    "LegalEntity",
    "ManualClock",
    "Settings",
    "SettingsError",
    "Source",
    "UnknownBrand",
    "WrongBrand",
    "imprint",
    "open_brands",
    "set_clock",
    "set_up_logs",
    "settings",
]
