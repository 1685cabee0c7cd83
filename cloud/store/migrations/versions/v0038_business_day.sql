-- The hour at which a venue's business day begins. What is sold before it belongs to the day before; at midnight, which
-- all venues have until somebody says otherwise, everything is as it was.
ALTER TABLE venues ADD COLUMN day_begins time NOT NULL DEFAULT '00:00' CHECK (day_begins <= '12:00');

-- The business day of a moment.
CREATE FUNCTION business_day(wall_ms bigint, timezone text, day_begins time) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (local_time(wall_ms, timezone) - day_begins)::date;

-- When a business day begins, in Unix milliseconds.
CREATE FUNCTION day_begins_ms(day date, timezone text, day_begins time) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (extract(epoch FROM (day + day_begins) AT TIME ZONE timezone) * 1000)::bigint;

CREATE OR REPLACE VIEW sales_hours_counted AS
    SELECT o.venue_id, business_day(o.placed_ms, v.timezone, v.day_begins) AS day, extract(hour FROM local)::smallint AS hour, o.currency,
        count(*) AS orders, sum(o.total_minor) AS total_minor
    FROM orders o JOIN venues v USING (venue_id)
    CROSS JOIN LATERAL local_time(o.placed_ms, v.timezone) AS local
    WHERE o.status = 'confirmed' GROUP BY 1, 2, 3, 4;

CREATE OR REPLACE VIEW sales_items_counted AS
    SELECT o.venue_id, business_day(o.placed_ms, v.timezone, v.day_begins) AS day, o.currency, l.menu_item, l.name,
        sum(l.qty) AS qty, sum(l.qty::numeric * l.price_minor) AS total_minor, max(o.placed_ms) AS last_ms
    FROM orders o JOIN venues v USING (venue_id)
    JOIN order_lines l ON l.venue_id = o.venue_id AND l.order_id = o.order_id
    WHERE o.status = 'confirmed' GROUP BY 1, 2, 3, 4, 5;

CREATE OR REPLACE VIEW takings_counted AS
    SELECT p.venue_id, business_day(p.initiated_ms, v.timezone, v.day_begins) AS day, p.currency,
        coalesce(p.shift_pid, '') AS shift_pid, count(*) AS payments, sum(p.amount_minor) AS amount_minor,
        sum(p.tip_minor) AS tip_minor, sum(p.refunded_minor) AS refunded_minor
    FROM payments p JOIN venues v USING (venue_id)
    WHERE p.status IN ('COMPLETED', 'REFUNDED') GROUP BY 1, 2, 3, 4;

CREATE OR REPLACE FUNCTION add_lines(venues_of uuid[], orders_of text[], ids bigint[]) RETURNS void LANGUAGE sql AS $$
    WITH counting AS MATERIALIZED (
        SELECT venue_id, order_id, currency, placed_ms FROM orders
        WHERE venue_id = ANY (venues_of) AND order_id = ANY (orders_of) AND status = 'confirmed'
    )
    INSERT INTO sales_items
    SELECT o.venue_id, business_day(o.placed_ms, v.timezone, v.day_begins), o.currency, l.menu_item, l.name,
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
    SELECT o.venue_id, business_day(o.placed_ms, v.timezone, v.day_begins), extract(hour FROM local)::smallint, o.currency,
        count(*), sum(o.total_minor)
    FROM unnest(venues_of, orders_of) AS added (venue_id, order_id)
    JOIN counting o USING (venue_id, order_id)
    JOIN venues v USING (venue_id)
    CROSS JOIN LATERAL local_time(o.placed_ms, v.timezone) AS local
    GROUP BY 1, 2, 3, 4
    ON CONFLICT (venue_id, day, hour, currency) DO UPDATE SET
        orders = sales_hours.orders + EXCLUDED.orders, total_minor = sales_hours.total_minor + EXCLUDED.total_minor
$$;

CREATE OR REPLACE FUNCTION sum_payments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changes takings[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg((p.venue_id, business_day(p.initiated_ms, v.timezone, v.day_begins), p.currency,
            coalesce(p.shift_pid, ''), 1, p.amount_minor, p.tip_minor, p.refunded_minor)::takings) INTO changes
        FROM fresh p JOIN venues v USING (venue_id) WHERE p.status IN ('COMPLETED', 'REFUNDED');
    ELSE
        SELECT array_agg((p.venue_id, business_day(p.initiated_ms, v.timezone, v.day_begins), p.currency,
            coalesce(p.shift_pid, ''), p.sign, p.sign * p.amount_minor::numeric, p.sign * p.tip_minor::numeric,
            p.sign * p.refunded_minor::numeric)::takings) INTO changes
        FROM (SELECT 1 AS sign, * FROM fresh UNION ALL SELECT -1, * FROM former) AS p
        JOIN venues v USING (venue_id) WHERE p.status IN ('COMPLETED', 'REFUNDED');
    END IF;
    IF changes IS NOT NULL THEN
        INSERT INTO takings
        SELECT venue_id, day, currency, shift_pid, sum(payments), sum(amount_minor), sum(tip_minor),
            sum(refunded_minor)
        FROM unnest(changes) GROUP BY 1, 2, 3, 4
        HAVING (sum(payments), sum(amount_minor), sum(tip_minor), sum(refunded_minor)) <> (0, 0, 0, 0)
        ON CONFLICT (venue_id, day, currency, shift_pid) DO UPDATE SET
            payments = takings.payments + EXCLUDED.payments,
            amount_minor = takings.amount_minor + EXCLUDED.amount_minor,
            tip_minor = takings.tip_minor + EXCLUDED.tip_minor,
            refunded_minor = takings.refunded_minor + EXCLUDED.refunded_minor;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION sum_moved_venues() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count_venue(f.venue_id) FROM fresh f JOIN former b USING (venue_id)
    WHERE f.timezone <> b.timezone OR f.day_begins <> b.day_begins;
    RETURN NULL;
END $$;
