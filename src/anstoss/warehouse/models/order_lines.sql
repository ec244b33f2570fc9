-- Row: one line of an order, or of a refund or cancellation (then quantity and amount are negative).
-- Columns: person, seq, n (the fact), line (1.. within the fact), at (UTC microseconds), day (local days since 1970),
--   brand, order_id, kind (sold, refunded, cancelled), product_id, sku, product, category, variant, coupon,
--   price (minor units a piece), quantity (pieces), amount (minor units, price x quantity).
--   A refund or cancellation without lines takes back every line of its order if it returns the whole revenue of the
--   order; otherwise it is one line without a product whose amount is the revenue returned.
-- Source: facts
WITH booked AS (
    SELECT f.person, f.seq, f.n, f."at", f.day, f.brand, f.order_id, f.revenue, f.items,
        CASE f.name WHEN 'Order Completed' THEN 'sold' WHEN 'Order Refunded' THEN 'refunded' ELSE 'cancelled' END AS kind
    FROM facts f
    WHERE f.name IN ('Order Completed', 'Order Refunded', 'Order Cancelled')
), sold AS (
    SELECT person, brand, order_id, arg_max(items, (seq, n)) AS items, arg_max(revenue, (seq, n)) AS revenue
    FROM booked WHERE kind = 'sold' AND order_id IS NOT NULL GROUP BY ALL
), filled AS (
    SELECT b.* EXCLUDE (items),
        CASE WHEN len(b.items) = 0 AND b.kind <> 'sold' AND b.revenue = -s.revenue THEN s.items ELSE b.items END AS items
    FROM booked b LEFT JOIN sold s
        ON b.person = s.person AND b.brand IS NOT DISTINCT FROM s.brand AND b.order_id = s.order_id
), lines AS (
    SELECT * EXCLUDE (items), unnest(items) AS item, generate_subscripts(items, 1) AS line
    FROM filled WHERE len(items) > 0
), signed AS (
    SELECT *, CASE kind WHEN 'sold' THEN 1 ELSE -1 END * abs(coalesce(item.quantity, 1)) AS pieces FROM lines
)
SELECT s.person, s.seq, s.n, s.line, s."at", s.day, s.brand, s.order_id, s.kind, s.item.product_id, s.item.sku,
    s.item.name AS product, s.item.category, s.item.variant, s.item.coupon, s.item.price, s.pieces AS quantity,
    round(s.item.price * s.pieces)::BIGINT AS amount
FROM signed s
UNION ALL
SELECT f.person, f.seq, f.n, 1, f."at", f.day, f.brand, f.order_id, f.kind, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    f.revenue
FROM filled f WHERE len(f.items) = 0 AND f.kind <> 'sold'
