-- Row: all moves from one stage of a lifecycle to another over some days.
-- Columns: lifecycle, from_stage (empty: none before), stage, moves (number).
-- Parameters: lifecycle (key), from_day, until_day (local days since 1970; the last is not included)
-- Source: stage_flows
SELECT lifecycle, from_stage, stage, sum(moves)::BIGINT AS moves
FROM stage_flows
WHERE lifecycle = $lifecycle AND day >= $from_day AND day < $until_day
GROUP BY lifecycle, from_stage, stage ORDER BY from_stage, stage
