-- Row: one person's entry into a stage of a lifecycle.
-- Columns: person, seq, n (the fact), at (UTC microseconds), day (local days since 1970), lifecycle, stage (empty text:
--   none any more), from_stage (empty: none before).
-- Source: facts
SELECT f.person, f.seq, f.n, f."at", f.day, f.props ->> '$.lifecycle' AS lifecycle,
    coalesce(f.props ->> '$.stage', '') AS stage, coalesce(f.props ->> '$.from', '') AS from_stage
FROM facts f
WHERE f.name = 'Stage Entered'
