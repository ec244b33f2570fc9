-- Row: one kind of fact that occurred in a span of time.
-- Columns: name, facts, people (numbers), last_at (UTC microseconds).
-- Parameters: since, until (UTC microseconds; the last is not included)
-- Source: facts
SELECT f.name, count(*) AS facts, count(DISTINCT f.person) AS people, max(f."at") AS last_at
FROM facts f WHERE f."at" >= $since AND f."at" < $until
GROUP BY f.name ORDER BY facts DESC, f.name
