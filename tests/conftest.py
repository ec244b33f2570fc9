"""What holds for all tests: properties have no deadline, because two busy cores are no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile("anstoss", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("anstoss")
