-- Row: one known person, with the plain numbers about them as they stood at an instant; facts after it do not count.
-- Columns: person, first_at (UTC microseconds, first contact), orders (different order numbers completed), gross, returned,
--   net_revenue (minor units), average_order_value (minor units, net_revenue / orders; empty without an order),
--   first_order_at, last_order_at (UTC microseconds), days_since_first_order, days_since_last_order (days of 24 hours),
--   last_seen_at (UTC microseconds, view, search or order), days_since_last_seen (days of 24 hours),
--   products_viewed_30d, visits_30d (local days with a view or search within 30 days), mails_30d, mail_clicks_30d (number).
-- Parameters: as_of (UTC microseconds)
-- Source: facts, persons
WITH seen AS (
    SELECT f.person, f.seq, f.n, f."at", f.day, f.brand, f.name, f.revenue, f.order_id,
        f.name IN ('Order Completed', 'Order Refunded', 'Order Cancelled') AS books,
        f.name IN ('Page Viewed', 'Screen Viewed', 'Product Viewed', 'Products Searched', 'Product List Viewed') AS visits,
        f."at" > as_of - 30 * 86400000000 AS lately
    FROM facts f
    WHERE f."at" <= as_of AND f.name IN ('Order Completed', 'Order Refunded', 'Order Cancelled', 'Page Viewed',
        'Screen Viewed', 'Product Viewed', 'Products Searched', 'Product List Viewed', 'Message Sent', 'Email Link Clicked')
), counted AS (
    SELECT person,
        count(DISTINCT (brand, coalesce('=' || order_id, seq || '/' || n))) FILTER (name = 'Order Completed') AS orders,
        sum(revenue) FILTER (name = 'Order Completed') AS gross,
        sum(revenue) FILTER (books AND name <> 'Order Completed') AS returned,
        sum(revenue) FILTER (books) AS net_revenue,
        min("at") FILTER (name = 'Order Completed') AS first_order_at,
        max("at") FILTER (name = 'Order Completed') AS last_order_at,
        max("at") FILTER (visits OR name = 'Order Completed') AS last_seen_at,
        count(*) FILTER (name = 'Product Viewed' AND lately) AS products_viewed_30d,
        count(DISTINCT day) FILTER (visits AND lately) AS visits_30d,
        count(*) FILTER (name = 'Message Sent' AND lately) AS mails_30d,
        count(*) FILTER (name = 'Email Link Clicked' AND lately) AS mail_clicks_30d
    FROM seen GROUP BY person
)
SELECT p.person, p.first_at, coalesce(c.orders, 0) AS orders, coalesce(c.gross, 0)::BIGINT AS gross,
    coalesce(c.returned, 0)::BIGINT AS returned, coalesce(c.net_revenue, 0)::BIGINT AS net_revenue,
    CASE WHEN c.orders > 0 THEN c.net_revenue / c.orders END AS average_order_value,
    c.first_order_at, c.last_order_at,
    (as_of - c.first_order_at) / 86400000000 AS days_since_first_order,
    (as_of - c.last_order_at) / 86400000000 AS days_since_last_order,
    c.last_seen_at, (as_of - c.last_seen_at) / 86400000000 AS days_since_last_seen,
    coalesce(c.products_viewed_30d, 0) AS products_viewed_30d, coalesce(c.visits_30d, 0) AS visits_30d,
    coalesce(c.mails_30d, 0) AS mails_30d, coalesce(c.mail_clicks_30d, 0) AS mail_clicks_30d
FROM persons p LEFT JOIN counted c USING (person)
WHERE p.first_at <= as_of
