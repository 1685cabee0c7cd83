-- Before a table was ever analysed the planner takes a venue for a handful of rows, finds its index by day as good as
-- its key, and walks all orders of the venue for each line that comes: a day's catch-up then reads millions. Asked
-- for a set of keys it takes the key; lines have no other index.
CREATE OR REPLACE FUNCTION add_lines(venues_of uuid[], orders_of text[], ids bigint[]) RETURNS void LANGUAGE sql AS $$
    WITH counting AS MATERIALIZED (
        SELECT venue_id, order_id, currency, placed_ms FROM orders
        WHERE venue_id = ANY (venues_of) AND order_id = ANY (orders_of) AND status = 'confirmed'
    )
    INSERT INTO sales_items
    SELECT o.venue_id, local_time(o.placed_ms, v.timezone)::date, o.currency, l.menu_item, l.name,
        sum(l.qty), sum(l.qty::numeric * l.price_minor), max(o.placed_ms)
    FROM unnest(venues_of, orders_of, ids) AS added (venue_id, order_id, id)
    JOIN counting o USING (venue_id, order_id)
    JOIN venues v USING (venue_id)
    CROSS JOIN LATERAL (
        SELECT k.menu_item, k.name, k.qty, k.price_minor FROM order_lines k
        WHERE k.venue_id = o.venue_id AND k.order_id = o.order_id
            AND (added.id IS NULL OR k.id = added.id) OFFSET 0
    ) AS l
    GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (venue_id, day, currency, menu_item, name) DO UPDATE SET
        qty = sales_items.qty + EXCLUDED.qty, total_minor = sales_items.total_minor + EXCLUDED.total_minor,
        last_ms = greatest(sales_items.last_ms, EXCLUDED.last_ms)
$$;

CREATE OR REPLACE FUNCTION add_orders(venues_of uuid[], orders_of text[]) RETURNS void LANGUAGE sql AS $$
    WITH counting AS MATERIALIZED (
        SELECT venue_id, order_id, currency, placed_ms, total_minor FROM orders
        WHERE venue_id = ANY (venues_of) AND order_id = ANY (orders_of)
    )
    INSERT INTO sales_hours
    SELECT o.venue_id, local::date, extract(hour FROM local)::smallint, o.currency, count(*), sum(o.total_minor)
    FROM unnest(venues_of, orders_of) AS added (venue_id, order_id)
    JOIN counting o USING (venue_id, order_id)
    JOIN venues v USING (venue_id)
    CROSS JOIN LATERAL local_time(o.placed_ms, v.timezone) AS local
    GROUP BY 1, 2, 3, 4
    ON CONFLICT (venue_id, day, hour, currency) DO UPDATE SET
        orders = sales_hours.orders + EXCLUDED.orders, total_minor = sales_hours.total_minor + EXCLUDED.total_minor
$$;
