-- Row: one stage of a lifecycle in which somebody stood at an instant.
-- Columns: lifecycle, stage, people (number).
-- Parameters: as_of (UTC microseconds)
-- Source: stage_moves
WITH present AS (
    SELECT person, lifecycle, arg_max(stage, ("at", seq, n)) AS stage
    FROM stage_moves WHERE "at" <= as_of GROUP BY person, lifecycle
)
SELECT lifecycle, stage, count(*) AS people FROM present WHERE stage <> '' GROUP BY lifecycle, stage
