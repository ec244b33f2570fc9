-- Row: the plain numbers about one person as they stood at an instant; none if nobody was known by this number.
-- Columns: those of the model person_metrics.
-- Parameters: person (number), as_of (UTC microseconds)
-- Source: person_metrics
SELECT * FROM person_metrics($as_of) WHERE person = $person
