-- When an order of the shop was made, as exports count: in milliseconds, behind an index they can walk.
ALTER TABLE shop_orders ADD COLUMN created_ms bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint;
UPDATE shop_orders SET created_ms = (extract(epoch FROM created_at) * 1000)::bigint;
CREATE INDEX shop_orders_by_moment ON shop_orders (venue_id, created_ms, (order_id::text));
