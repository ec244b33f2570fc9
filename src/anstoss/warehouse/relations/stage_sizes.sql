-- Row: one stage of a lifecycle in which somebody stands at an instant.
-- Columns: lifecycle, stage, people (number).
-- Parameters: as_of (UTC microseconds)
-- Source: stage_sizes
SELECT lifecycle, stage, people FROM stage_sizes($as_of) ORDER BY lifecycle, stage
