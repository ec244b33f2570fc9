-- Row: one order of a person with a brand, with what was refunded or cancelled since. An order without a number stands
--   alone; a refund whose order is not known is a row without ordered_at.
-- Columns: person, brand, order_id, ordered_at (UTC microseconds of the first completion), day (local days since 1970),
--   gross (minor units, as ordered), returned (minor units, zero or negative), net (minor units, gross + returned),
--   pieces (number ordered), is_cancelled (whether a cancellation came), last_change_at (UTC microseconds).
-- Source: facts
SELECT f.person, f.brand, any_value(f.order_id) AS order_id,
    min(f."at") FILTER (f.name = 'Order Completed') AS ordered_at,
    arg_min(f.day, f."at") FILTER (f.name = 'Order Completed') AS day,
    coalesce(sum(f.revenue) FILTER (f.name = 'Order Completed'), 0)::BIGINT AS gross,
    coalesce(sum(f.revenue) FILTER (f.name <> 'Order Completed'), 0)::BIGINT AS returned,
    coalesce(sum(f.revenue), 0)::BIGINT AS net,
    coalesce(sum(list_sum(list_transform(f.items, lambda i: coalesce(i.quantity, 1))))
        FILTER (f.name = 'Order Completed'), 0) AS pieces,
    bool_or(f.name = 'Order Cancelled') AS is_cancelled,
    max(f."at") AS last_change_at
FROM facts f
WHERE f.name IN ('Order Completed', 'Order Refunded', 'Order Cancelled')
GROUP BY f.person, f.brand, coalesce('=' || f.order_id, f.seq || '/' || f.n)
