-- Row: one, about the whole warehouse.
-- Columns: people, facts (numbers), first_at, last_at (UTC microseconds of the first and last fact up to the instant),
--   change (the last change of the outflow that is contained).
-- Parameters: as_of (UTC microseconds)
-- Source: facts, persons, projected
SELECT (SELECT count(*) FROM persons p WHERE p.first_at <= $as_of) AS people, count(*) AS facts,
    min(f."at") AS first_at, max(f."at") AS last_at, (SELECT change FROM projected) AS change
FROM facts f WHERE f."at" <= $as_of
