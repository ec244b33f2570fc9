"""The door of insight."""

from anstoss.insight.library import built_in_metrics, lifecycle_presets
from anstoss.insight.lifecycle import Lifecycle, Stage, evidence, parse_lifecycle, stage_keys, standing

__all__ = [
    "Lifecycle",
    "Stage",
    "built_in_metrics",
    "evidence",
    "lifecycle_presets",
    "parse_lifecycle",
    "stage_keys",
    "standing",
]
