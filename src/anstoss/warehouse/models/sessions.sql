-- Row: one visit of a person to a brand's shop: views and clicks less than 30 minutes apart.
-- Columns: person, brand, session (1.. by time within person and brand), started_at and ended_at (UTC microseconds of
--   the first and last fact), day (local days since 1970, of the start), facts (number), pages, searches, products
--   (numbers of views), baskets (products added), ordered (whether an order was completed).
-- Source: facts
WITH touches AS (
    SELECT f.person, f.brand, f.seq, f.n, f."at", f.day, f.name
    FROM facts f
    WHERE f.name IN ('Page Viewed', 'Screen Viewed', 'Product Viewed', 'Product Clicked', 'Product List Viewed',
        'Product List Filtered', 'Products Searched', 'Product Added', 'Product Removed', 'Cart Viewed',
        'Checkout Started', 'Checkout Step Viewed', 'Checkout Step Completed', 'Payment Info Entered',
        'Promotion Viewed', 'Promotion Clicked', 'Order Completed')
), gaps AS (
    SELECT *, coalesce("at" - lag("at") OVER (PARTITION BY person, brand ORDER BY "at", seq, n) >= 1800000000, true) AS opens
    FROM touches
), numbered AS (
    SELECT *, count(*) FILTER (opens) OVER (PARTITION BY person, brand ORDER BY "at", seq, n) AS session FROM gaps
)
SELECT person, brand, session, min("at") AS started_at, max("at") AS ended_at, min(day) AS day, count(*) AS facts,
    count(*) FILTER (name IN ('Page Viewed', 'Screen Viewed')) AS pages,
    count(*) FILTER (name = 'Products Searched') AS searches,
    count(*) FILTER (name = 'Product Viewed') AS products,
    count(*) FILTER (name = 'Product Added') AS baskets,
    bool_or(name = 'Order Completed') AS ordered
FROM numbered
GROUP BY person, brand, session
