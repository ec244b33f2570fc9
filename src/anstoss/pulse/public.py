"""The door of the pulse."""

from anstoss.pulse.definitions import DefinitionError, kind_and_key
from anstoss.pulse.engine import Pulse
from anstoss.pulse.process import EngineRuns, caught_up, engine_lock, questions_to, serve
from anstoss.pulse.publishing import in_force, publish, starting_definitions
from anstoss.pulse.reading import (
    CustomerView,
    Happening,
    Reader,
    UnknownCustomer,
    is_settled,
    segment_sizes,
    stage_sizes,
)
from anstoss.pulse.tables import OtherVersion
from anstoss.pulse.why import Why, why

__all__ = [
    "CustomerView",
    "DefinitionError",
    "EngineRuns",
    "Happening",
    "OtherVersion",
    "Pulse",
    "Reader",
    "UnknownCustomer",
    "Why",
    "caught_up",
    "engine_lock",
    "in_force",
    "is_settled",
    "kind_and_key",
    "publish",
    "questions_to",
    "segment_sizes",
    "serve",
    "stage_sizes",
    "starting_definitions",
    "why",
]
