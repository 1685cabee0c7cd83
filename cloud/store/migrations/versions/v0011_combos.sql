-- What of a cart and of an order is taken away, and what combos consist of.

ALTER TABLE cart_items ADD COLUMN takeaway boolean NOT NULL DEFAULT false;
ALTER TABLE cart_items ADD COLUMN choices text NOT NULL DEFAULT '[]';
ALTER TABLE order_lines ADD COLUMN takeaway boolean NOT NULL DEFAULT false;
ALTER TABLE order_lines ADD COLUMN parts text NOT NULL DEFAULT '[]';
