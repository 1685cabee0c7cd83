-- Sizes and colours of products, how they travel, and a draft of them that is not published yet.
ALTER TABLE products
    ADD COLUMN options jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN sold_out jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN carriage text NOT NULL DEFAULT 'parcel' CHECK (carriage IN ('parcel', 'bulky', 'collect'));

-- What an owner changes of the products before it is published with the configuration.
CREATE TABLE shop_drafts (
    venue_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    products jsonb NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE OR REPLACE FUNCTION follow_shop_config() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    config jsonb := convert_from(NEW.body, 'UTF8')::jsonb;
BEGIN
    UPDATE products SET on_sale = false WHERE venue_id = NEW.venue_id AND on_sale;
    INSERT INTO products (venue_id, product_id, place, template, name, words, price_minor, tax_rate_bp,
        tax_inclusive, weight_g, on_sale, options, sold_out, carriage)
    SELECT NEW.venue_id, item->>'id', n, item->>'template', item->>'name', coalesce(item->>'words', ''),
        (item->>'price_minor')::bigint, coalesce((item->>'tax_rate_bp')::int, 0),
        coalesce((config->>'tax_inclusive')::boolean, true), coalesce((item->>'weight_g')::int, 0),
        coalesce((item->>'active')::boolean, true), coalesce(item->'options', '[]'::jsonb),
        coalesce(item->'sold_out', '[]'::jsonb), coalesce(item->>'carriage', 'parcel')
    FROM jsonb_array_elements(coalesce(config->'shop'->'products', '[]'::jsonb)) WITH ORDINALITY AS p (item, n)
    ON CONFLICT (venue_id, product_id) DO UPDATE SET place = EXCLUDED.place, template = EXCLUDED.template,
        name = EXCLUDED.name, words = EXCLUDED.words, price_minor = EXCLUDED.price_minor,
        tax_rate_bp = EXCLUDED.tax_rate_bp, tax_inclusive = EXCLUDED.tax_inclusive,
        weight_g = EXCLUDED.weight_g, on_sale = EXCLUDED.on_sale, options = EXCLUDED.options,
        sold_out = EXCLUDED.sold_out, carriage = EXCLUDED.carriage;
    RETURN NULL;
END $$;
