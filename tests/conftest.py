"""What holds for all tests: properties have no deadline, because two busy cores are no failure."""

from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

settings.register_profile("anstoss", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("anstoss"), max_examples=5)
settings.load_profile("anstoss")


@pytest.fixture(autouse=True)
def _logs_as_they_come() -> Iterator[None]:
    """Commands that run in this process set up logs; the next test must not inherit that."""
    yield
    structlog.reset_defaults()
