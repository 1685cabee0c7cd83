ALTER TABLE orders ADD COLUMN asked bigint NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN in_doubt boolean NOT NULL DEFAULT false;
ALTER TABLE orders ADD COLUMN pos_reference text;
ALTER TABLE orders ADD CONSTRAINT orders_in_doubt CHECK (NOT in_doubt OR status = 'processing');
