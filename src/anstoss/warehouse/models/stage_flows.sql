-- Row: all moves from one stage of a lifecycle to another on one day.
-- Columns: day (local days since 1970), lifecycle, from_stage (empty: none before), stage, moves, people (numbers).
-- Source: stage_moves
SELECT day, lifecycle, from_stage, stage, count(*) AS moves, count(DISTINCT person) AS people
FROM stage_moves GROUP BY day, lifecycle, from_stage, stage
