-- Sums that reports are made of. Triggers keep them in the transaction that brings what they sum; the views
-- beside them say what they have to be, and `count_venue` makes them so.

-- The wall clock of a venue. Clocks that nobody had set count as the nearest day of the calendar.
CREATE FUNCTION local_time(wall_ms bigint, timezone text) RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE
    RETURN to_timestamp(least(greatest(wall_ms, 0), 253402214400000) / 1000.0) AT TIME ZONE timezone;

-- Sums of whatever a box says are kept whole and shown as far as a number of 64 bits goes.
CREATE FUNCTION bounded(value numeric) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN least(greatest(value, -9223372036854775808), 9223372036854775807)::bigint;

-- The hours that something was in use, for two days at most: nobody sits longer, forgotten tables do.
CREATE FUNCTION hours_used(begun_ms bigint, ended_ms bigint, timezone text)
    RETURNS TABLE (day date, hour smallint, used_ms bigint) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT slot::date, extract(hour FROM slot)::smallint,
        (extract(epoch FROM least(span.ends, slot + interval '1 hour') - greatest(span.begins, slot)) * 1000)::bigint
    FROM (SELECT local_time(begun_ms, timezone),
        local_time(least(ended_ms, least(begun_ms, 253402214400000) + 172800000), timezone)) AS span (begins, ends)
    CROSS JOIN LATERAL generate_series(date_trunc('hour', span.begins), span.ends, interval '1 hour') AS slot
    WHERE span.ends > span.begins AND span.ends > slot;
END;

CREATE TABLE sales_hours (
    venue_id uuid NOT NULL,
    day date NOT NULL,
    hour smallint NOT NULL,
    currency text NOT NULL,
    orders bigint NOT NULL,
    total_minor numeric NOT NULL,
    PRIMARY KEY (venue_id, day, hour, currency)
);

CREATE TABLE sales_items (
    venue_id uuid NOT NULL,
    day date NOT NULL,
    currency text NOT NULL,
    menu_item bigint NOT NULL,
    name text NOT NULL,
    qty numeric NOT NULL,
    total_minor numeric NOT NULL,
    last_ms bigint NOT NULL,
    PRIMARY KEY (venue_id, day, currency, menu_item, name)
);

CREATE TABLE takings (
    venue_id uuid NOT NULL,
    day date NOT NULL,
    currency text NOT NULL,
    shift_pid text NOT NULL,
    payments bigint NOT NULL,
    amount_minor numeric NOT NULL,
    tip_minor numeric NOT NULL,
    refunded_minor numeric NOT NULL,
    PRIMARY KEY (venue_id, day, currency, shift_pid)
);

CREATE TABLE hours_in_use (
    venue_id uuid NOT NULL,
    day date NOT NULL,
    what text NOT NULL CHECK (what IN ('stations', 'tables')),
    hour smallint NOT NULL,
    used_ms bigint NOT NULL,
    PRIMARY KEY (venue_id, day, what, hour)
);

-- Outages are looked for by when they ended.
CREATE INDEX link_outages_by_end ON link_outages (venue_id, ended_at);

-- Venues whose sums were made from everything that came before there were sums.
CREATE TABLE counted_venues (
    venue_id uuid PRIMARY KEY,
    counted_at timestamptz NOT NULL DEFAULT now()
);

CREATE VIEW sales_hours_counted AS
    SELECT o.venue_id, local::date AS day, extract(hour FROM local)::smallint AS hour, o.currency,
        count(*) AS orders, sum(o.total_minor) AS total_minor
    FROM orders o JOIN venues v USING (venue_id)
    CROSS JOIN LATERAL local_time(o.placed_ms, v.timezone) AS local
    WHERE o.status = 'confirmed' GROUP BY 1, 2, 3, 4;

CREATE VIEW sales_items_counted AS
    SELECT o.venue_id, local_time(o.placed_ms, v.timezone)::date AS day, o.currency, l.menu_item, l.name,
        sum(l.qty) AS qty, sum(l.qty::numeric * l.price_minor) AS total_minor, max(o.placed_ms) AS last_ms
    FROM orders o JOIN venues v USING (venue_id)
    JOIN order_lines l ON l.venue_id = o.venue_id AND l.order_id = o.order_id
    WHERE o.status = 'confirmed' GROUP BY 1, 2, 3, 4, 5;

CREATE VIEW takings_counted AS
    SELECT p.venue_id, local_time(p.initiated_ms, v.timezone)::date AS day, p.currency,
        coalesce(p.shift_pid, '') AS shift_pid, count(*) AS payments, sum(p.amount_minor) AS amount_minor,
        sum(p.tip_minor) AS tip_minor, sum(p.refunded_minor) AS refunded_minor
    FROM payments p JOIN venues v USING (venue_id)
    WHERE p.status IN ('COMPLETED', 'REFUNDED') GROUP BY 1, 2, 3, 4;

CREATE VIEW hours_in_use_counted AS
    SELECT u.venue_id, h.day, u.what, h.hour, sum(h.used_ms)::bigint AS used_ms
    FROM (
        SELECT venue_id, 'stations' AS what, begun_ms, ended_ms FROM play_sessions
        UNION ALL
        SELECT venue_id, 'tables', opened_ms, closed_ms FROM table_sessions
    ) AS u JOIN venues v USING (venue_id)
    CROSS JOIN LATERAL hours_used(u.begun_ms, u.ended_ms, v.timezone) AS h
    WHERE u.begun_ms IS NOT NULL AND u.ended_ms IS NOT NULL GROUP BY 1, 2, 3, 4;

-- All sums of a venue anew. Whoever calls has seen to it that nothing of the venue is written meanwhile.
CREATE FUNCTION count_venue(venue uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM sales_hours WHERE venue_id = venue;
    DELETE FROM sales_items WHERE venue_id = venue;
    DELETE FROM takings WHERE venue_id = venue;
    DELETE FROM hours_in_use WHERE venue_id = venue;
    INSERT INTO sales_hours SELECT * FROM sales_hours_counted WHERE venue_id = venue;
    INSERT INTO sales_items SELECT * FROM sales_items_counted WHERE venue_id = venue;
    INSERT INTO takings SELECT * FROM takings_counted WHERE venue_id = venue;
    INSERT INTO hours_in_use SELECT * FROM hours_in_use_counted WHERE venue_id = venue;
END $$;

-- Lines that count from now on: those that have come with a confirmed order, or before it was confirmed.
CREATE FUNCTION add_lines(venues_of uuid[], orders_of text[], ids bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO sales_items
    SELECT o.venue_id, local_time(o.placed_ms, v.timezone)::date, o.currency, l.menu_item, l.name,
        sum(l.qty), sum(l.qty::numeric * l.price_minor), max(o.placed_ms)
    FROM unnest(venues_of, orders_of, ids) AS added (venue_id, order_id, id)
    JOIN orders o ON o.venue_id = added.venue_id AND o.order_id = added.order_id AND o.status = 'confirmed'
    JOIN venues v ON v.venue_id = o.venue_id
    JOIN order_lines l ON l.venue_id = o.venue_id AND l.order_id = o.order_id
        AND (added.id IS NULL OR l.id = added.id)
    GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (venue_id, day, currency, menu_item, name) DO UPDATE SET
        qty = sales_items.qty + EXCLUDED.qty, total_minor = sales_items.total_minor + EXCLUDED.total_minor,
        last_ms = greatest(sales_items.last_ms, EXCLUDED.last_ms)
$$;

CREATE FUNCTION add_orders(venues_of uuid[], orders_of text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO sales_hours
    SELECT o.venue_id, local::date, extract(hour FROM local)::smallint, o.currency, count(*),
        sum(o.total_minor)
    FROM unnest(venues_of, orders_of) AS added (venue_id, order_id)
    JOIN orders o ON o.venue_id = added.venue_id AND o.order_id = added.order_id
    JOIN venues v ON v.venue_id = o.venue_id
    CROSS JOIN LATERAL local_time(o.placed_ms, v.timezone) AS local
    GROUP BY 1, 2, 3, 4
    ON CONFLICT (venue_id, day, hour, currency) DO UPDATE SET
        orders = sales_hours.orders + EXCLUDED.orders, total_minor = sales_hours.total_minor + EXCLUDED.total_minor
$$;

CREATE FUNCTION sum_orders() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    venues_of uuid[];
    orders_of text[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(venue_id), array_agg(order_id) INTO venues_of, orders_of FROM fresh
        WHERE status = 'confirmed';
    ELSE
        SELECT array_agg(f.venue_id), array_agg(f.order_id) INTO venues_of, orders_of
        FROM fresh f JOIN former b USING (venue_id, order_id)
        WHERE f.status = 'confirmed' AND b.status <> 'confirmed';
        -- A box's tables were mended: nothing that was said before counts.
        PERFORM count_venue(venue_id) FROM (
            SELECT DISTINCT f.venue_id FROM fresh f JOIN former b USING (venue_id, order_id)
            WHERE b.status = 'confirmed' AND (f.placed_ms, f.total_minor, f.currency)
                IS DISTINCT FROM (b.placed_ms, b.total_minor, b.currency)
        ) AS mended;
    END IF;
    IF venues_of IS NOT NULL THEN
        PERFORM add_orders(venues_of, orders_of);
        PERFORM add_lines(venues_of, orders_of, NULL);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION sum_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    venues_of uuid[];
    orders_of text[];
    ids bigint[];
BEGIN
    SELECT array_agg(venue_id), array_agg(order_id), array_agg(id) INTO venues_of, orders_of, ids FROM fresh;
    IF ids IS NOT NULL THEN
        PERFORM add_lines(venues_of, orders_of, ids);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION sum_lines_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count_venue(venue_id) FROM (
        SELECT DISTINCT f.venue_id FROM fresh f JOIN former b USING (venue_id, order_id, id)
        WHERE (f.menu_item, f.name, f.qty, f.price_minor)
            IS DISTINCT FROM (b.menu_item, b.name, b.qty, b.price_minor)
    ) AS mended;
    RETURN NULL;
END $$;

CREATE FUNCTION sum_venue_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count_venue(venue_id) FROM (SELECT DISTINCT venue_id FROM former) AS mended;
    RETURN NULL;
END $$;

CREATE FUNCTION sum_payments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changes takings[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg((p.venue_id, local_time(p.initiated_ms, v.timezone)::date, p.currency,
            coalesce(p.shift_pid, ''), 1, p.amount_minor, p.tip_minor, p.refunded_minor)::takings) INTO changes
        FROM fresh p JOIN venues v USING (venue_id) WHERE p.status IN ('COMPLETED', 'REFUNDED');
    ELSE
        SELECT array_agg((p.venue_id, local_time(p.initiated_ms, v.timezone)::date, p.currency,
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

-- Whatever has ended counts, by the hours it lasted; with a sign of -1 it counts no more.
CREATE FUNCTION add_use(kind text, venues_of uuid[], begun_ms bigint[], ended_ms bigint[], signs integer[])
    RETURNS void LANGUAGE sql AS $$
    INSERT INTO hours_in_use
    SELECT v.venue_id, h.day, kind, h.hour, sum(u.sign * h.used_ms)::bigint
    FROM unnest(venues_of, begun_ms, ended_ms, signs) AS u (venue_id, begun_ms, ended_ms, sign)
    JOIN venues v USING (venue_id)
    CROSS JOIN LATERAL hours_used(u.begun_ms, u.ended_ms, v.timezone) AS h
    GROUP BY 1, 2, 3, 4 HAVING sum(u.sign * h.used_ms) <> 0
    ON CONFLICT (venue_id, day, what, hour) DO UPDATE SET used_ms = hours_in_use.used_ms + EXCLUDED.used_ms
$$;

CREATE FUNCTION sum_play() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(venue_id) AS venues_of, array_agg(begun_ms) AS begun, array_agg(ended_ms) AS ended,
            array_agg(1) AS signs INTO found
        FROM fresh WHERE begun_ms IS NOT NULL AND ended_ms IS NOT NULL;
    ELSE
        SELECT array_agg(venue_id) AS venues_of, array_agg(begun_ms) AS begun, array_agg(ended_ms) AS ended,
            array_agg(sign) AS signs INTO found
        FROM (SELECT 1 AS sign, * FROM fresh UNION ALL SELECT -1, * FROM former) AS each
        WHERE begun_ms IS NOT NULL AND ended_ms IS NOT NULL;
    END IF;
    IF found.signs IS NOT NULL THEN
        PERFORM add_use('stations', found.venues_of, found.begun, found.ended, found.signs);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION sum_tables() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(venue_id) AS venues_of, array_agg(opened_ms) AS begun, array_agg(closed_ms) AS ended,
            array_agg(1) AS signs INTO found
        FROM fresh WHERE opened_ms IS NOT NULL AND closed_ms IS NOT NULL;
    ELSE
        SELECT array_agg(venue_id) AS venues_of, array_agg(opened_ms) AS begun, array_agg(closed_ms) AS ended,
            array_agg(sign) AS signs INTO found
        FROM (SELECT 1 AS sign, * FROM fresh UNION ALL SELECT -1, * FROM former) AS each
        WHERE opened_ms IS NOT NULL AND closed_ms IS NOT NULL;
    END IF;
    IF found.signs IS NOT NULL THEN
        PERFORM add_use('tables', found.venues_of, found.begun, found.ended, found.signs);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION sum_moved_venues() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count_venue(f.venue_id) FROM fresh f JOIN former b USING (venue_id) WHERE f.timezone <> b.timezone;
    RETURN NULL;
END $$;

CREATE TRIGGER orders_summed AFTER INSERT ON orders REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION sum_orders();
CREATE TRIGGER orders_changed AFTER UPDATE ON orders REFERENCING NEW TABLE AS fresh OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION sum_orders();
CREATE TRIGGER orders_gone AFTER DELETE ON orders REFERENCING OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION sum_venue_anew();
CREATE TRIGGER order_lines_summed AFTER INSERT ON order_lines REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION sum_lines();
CREATE TRIGGER order_lines_changed AFTER UPDATE ON order_lines REFERENCING NEW TABLE AS fresh OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION sum_lines_anew();
CREATE TRIGGER order_lines_gone AFTER DELETE ON order_lines REFERENCING OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION sum_venue_anew();
CREATE TRIGGER payments_summed AFTER INSERT ON payments REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION sum_payments();
CREATE TRIGGER payments_changed AFTER UPDATE ON payments REFERENCING NEW TABLE AS fresh OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION sum_payments();
CREATE TRIGGER payments_gone AFTER DELETE ON payments REFERENCING OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION sum_venue_anew();
CREATE TRIGGER play_sessions_summed AFTER INSERT ON play_sessions REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION sum_play();
CREATE TRIGGER play_sessions_changed AFTER UPDATE ON play_sessions
    REFERENCING NEW TABLE AS fresh OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION sum_play();
CREATE TRIGGER play_sessions_gone AFTER DELETE ON play_sessions REFERENCING OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION sum_venue_anew();
CREATE TRIGGER table_sessions_summed AFTER INSERT ON table_sessions REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION sum_tables();
CREATE TRIGGER table_sessions_changed AFTER UPDATE ON table_sessions
    REFERENCING NEW TABLE AS fresh OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION sum_tables();
CREATE TRIGGER table_sessions_gone AFTER DELETE ON table_sessions REFERENCING OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION sum_venue_anew();

-- Days and hours are the venue's own.
CREATE TRIGGER venues_moved AFTER UPDATE ON venues REFERENCING OLD TABLE AS former NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION sum_moved_venues();
