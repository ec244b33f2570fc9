-- Row: one day on which something was ordered, refunded or cancelled with a brand.
-- Columns: day (local days since 1970), brand, orders, buyers (numbers), gross, returned, net (minor units).
-- Parameters: from_day, until_day (local days since 1970; the last is not included)
-- Source: facts
SELECT f.day, f.brand,
    count(DISTINCT (f.person, coalesce('=' || f.order_id, f.seq || '/' || f.n)))
        FILTER (f.name = 'Order Completed') AS orders,
    count(DISTINCT f.person) FILTER (f.name = 'Order Completed') AS buyers,
    coalesce(sum(f.revenue) FILTER (f.name = 'Order Completed'), 0)::BIGINT AS gross,
    coalesce(sum(f.revenue) FILTER (f.name <> 'Order Completed'), 0)::BIGINT AS returned,
    coalesce(sum(f.revenue), 0)::BIGINT AS net
FROM facts f
WHERE f.name IN ('Order Completed', 'Order Refunded', 'Order Cancelled') AND f.day >= $from_day AND f.day < $until_day
GROUP BY f.day, f.brand ORDER BY f.day, f.brand
