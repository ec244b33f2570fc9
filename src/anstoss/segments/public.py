"""The door of segments."""

from anstoss.segments.library import segment_presets
from anstoss.segments.segment import Segment, parse_segment, rule_body

__all__ = ["Segment", "parse_segment", "rule_body", "segment_presets"]
