-- ── Orders of the shop ──────────────────────────────────────────────────────────────────────────

-- How a venue's things get to people; none means that they are collected.
CREATE TABLE shop_rules (
    venue_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    rules jsonb NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- The short number that is called out and stands on papers.
CREATE TABLE shop_numbers (
    venue_id uuid PRIMARY KEY,
    last bigint NOT NULL
);

CREATE FUNCTION next_shop_number(of_venue uuid) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO shop_numbers (venue_id, last) VALUES (of_venue, 1)
    ON CONFLICT (venue_id) DO UPDATE SET last = shop_numbers.last + 1 RETURNING last
$$;

-- `address` is null where the guest collects. `payment_id` is the newest of `card_payments`, `paid_minor` is what was kept, `refunded_minor` what of it went back.
CREATE TABLE shop_orders (
    venue_id uuid NOT NULL,
    order_id uuid NOT NULL,
    number bigint NOT NULL,
    source text NOT NULL CHECK (source IN ('web', 'table')),
    mid text NOT NULL,
    guest_digest text,
    email text CHECK (email = lower(email)),
    name text NOT NULL,
    note text NOT NULL DEFAULT '',
    address jsonb,
    currency text NOT NULL,
    items_minor bigint NOT NULL CHECK (items_minor >= 0),
    shipping_minor bigint NOT NULL CHECK (shipping_minor >= 0),
    tax_minor bigint NOT NULL CHECK (tax_minor >= 0),
    total_minor bigint NOT NULL,
    weight_g bigint NOT NULL,
    taxes jsonb NOT NULL,
    status text NOT NULL CHECK (status IN
        ('draft', 'abandoned', 'paid', 'in_production', 'shipped', 'delivered', 'cancelled')),
    payment_status text NOT NULL CHECK (payment_status IN
        ('unpaid', 'open', 'processing', 'failed', 'expired', 'mismatch', 'succeeded', 'partially_refunded', 'refunded')),
    paid_minor bigint NOT NULL DEFAULT 0,
    refunded_minor bigint NOT NULL DEFAULT 0,
    stripe_checkout_session_id text,
    checkout_round bigint NOT NULL DEFAULT 0,
    stripe_payment_intent_id text,
    payment_id text,
    original_order_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    paid_at timestamptz,
    shipped_at timestamptz,
    delivered_at timestamptz,
    cancelled_at timestamptz,
    PRIMARY KEY (venue_id, order_id),
    CHECK (items_minor + shipping_minor = total_minor),
    CHECK (refunded_minor BETWEEN 0 AND paid_minor)
);
CREATE UNIQUE INDEX shop_orders_number ON shop_orders (venue_id, number);
CREATE UNIQUE INDEX shop_orders_mid ON shop_orders (venue_id, guest_digest, mid);
CREATE INDEX shop_orders_by_id ON shop_orders (order_id);
CREATE INDEX shop_orders_of_mail ON shop_orders (venue_id, email, created_at);
CREATE INDEX shop_orders_newest ON shop_orders (venue_id, created_at);
CREATE INDEX shop_orders_unpaid ON shop_orders (changed_at) WHERE status = 'draft';

CREATE TRIGGER shop_orders_status BEFORE UPDATE ON shop_orders FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND OLD.status || ' ' || NEW.status NOT IN (
        'draft paid', 'draft abandoned', 'draft cancelled', 'abandoned paid', 'abandoned cancelled',
        'paid in_production', 'paid shipped', 'paid cancelled', 'in_production shipped', 'in_production cancelled',
        'shipped delivered'))
    EXECUTE FUNCTION refuse_unreachable('a shop order', 'that');
CREATE TRIGGER shop_orders_payment BEFORE UPDATE ON shop_orders FOR EACH ROW
    WHEN (OLD.payment_status <> NEW.payment_status AND OLD.payment_status || ' ' || NEW.payment_status NOT IN (
        'unpaid open', 'unpaid succeeded',
        'open processing', 'open succeeded', 'open failed', 'open expired', 'open mismatch',
        'processing succeeded', 'processing failed', 'processing mismatch',
        'failed open', 'failed processing', 'failed succeeded', 'failed mismatch',
        'expired open', 'expired processing', 'expired succeeded', 'expired mismatch',
        'mismatch succeeded', 'mismatch refunded',
        'succeeded partially_refunded', 'succeeded refunded', 'partially_refunded refunded'))
    EXECUTE FUNCTION refuse_unreachable('the payment of a shop order', 'that');
CREATE TRIGGER shop_orders_frozen BEFORE UPDATE ON shop_orders FOR EACH ROW
    WHEN ((OLD.currency, OLD.items_minor, OLD.shipping_minor, OLD.tax_minor, OLD.total_minor, OLD.address, OLD.number)
        IS DISTINCT FROM
        (NEW.currency, NEW.items_minor, NEW.shipping_minor, NEW.tax_minor, NEW.total_minor, NEW.address, NEW.number))
    EXECUTE FUNCTION refuse_unreachable('the price of a shop order', 'another');
CREATE TRIGGER shop_orders_version BEFORE UPDATE ON shop_orders FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();

-- What was ordered, as it was at that moment; `params` is the frozen design.
CREATE TABLE shop_order_lines (
    venue_id uuid NOT NULL,
    order_id uuid NOT NULL,
    line bigint NOT NULL,
    design_id uuid NOT NULL,
    design_version bigint NOT NULL,
    product_id text NOT NULL,
    name text NOT NULL,
    params jsonb NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    unit_minor bigint NOT NULL,
    weight_g bigint NOT NULL,
    tax_rate_bp bigint NOT NULL,
    tax_minor bigint NOT NULL,
    gross_minor bigint NOT NULL,
    PRIMARY KEY (venue_id, order_id, line)
);
CREATE INDEX shop_order_lines_of_design ON shop_order_lines (venue_id, design_id);
CREATE TRIGGER shop_order_lines_final BEFORE UPDATE OR DELETE ON shop_order_lines
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE shop_shipments (
    venue_id uuid NOT NULL,
    order_id uuid NOT NULL,
    carrier text NOT NULL,
    tracking_number text NOT NULL,
    shipped_at timestamptz NOT NULL DEFAULT now(),
    delivered_at timestamptz,
    PRIMARY KEY (venue_id, order_id)
);

-- What people at the venue did with orders.
CREATE TABLE admin_action_log (
    venue_id uuid NOT NULL,
    action_id uuid NOT NULL,
    order_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    action text NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    note text NOT NULL,
    origin text NOT NULL,
    PRIMARY KEY (venue_id, action_id)
);
CREATE INDEX admin_action_log_of_order ON admin_action_log (venue_id, order_id, at);
CREATE TRIGGER admin_action_log_final BEFORE UPDATE OR DELETE ON admin_action_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Links in mails that let a browser in to the orders of that address, once.
CREATE TABLE shop_links (
    venue_id uuid NOT NULL,
    token_digest text NOT NULL,
    email text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (venue_id, token_digest)
);

-- Browsers that were let in by such a link.
CREATE TABLE shop_mailboxes (
    venue_id uuid NOT NULL,
    guest_digest text NOT NULL,
    email text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (venue_id, guest_digest, email)
);

-- What was paid for at a table becomes an order of the shop: once, in the transaction that takes the box's fact in. Its
-- money is in the box's own bill and till. It is collected; nobody is written to before it is ready.
CREATE FUNCTION take_table_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    design record;
    tax bigint := round(NEW.total_minor::numeric * NEW.tax_rate_bp / (10000 + NEW.tax_rate_bp));
BEGIN
    IF NEW.order_id !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' OR NEW.qty < 1 OR EXISTS (
        SELECT FROM shop_orders WHERE venue_id = NEW.venue_id AND order_id = NEW.order_id::uuid) THEN
        RETURN NULL;
    END IF;
    SELECT d.design_id, d.version, d.params INTO design FROM designs d
    WHERE d.venue_id = NEW.venue_id AND d.design_id::text = NEW.design_id;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO shop_orders (venue_id, order_id, number, source, mid, email, name, currency, items_minor,
        shipping_minor, tax_minor, total_minor, weight_g, taxes, status, payment_status, paid_minor, paid_at)
    VALUES (NEW.venue_id, NEW.order_id::uuid, next_shop_number(NEW.venue_id), 'table', 'table', lower(NEW.email),
        NEW.guest_name, NEW.currency, NEW.total_minor, 0, tax, NEW.total_minor, 0,
        jsonb_build_array(jsonb_build_object('rate_bp', NEW.tax_rate_bp, 'net_minor', NEW.total_minor - tax,
            'tax_minor', tax, 'gross_minor', NEW.total_minor)),
        'paid', 'succeeded', NEW.total_minor, now());
    INSERT INTO shop_order_lines (venue_id, order_id, line, design_id, design_version, product_id, name, params,
        quantity, unit_minor, weight_g, tax_rate_bp, tax_minor, gross_minor)
    VALUES (NEW.venue_id, NEW.order_id::uuid, 1, design.design_id, design.version, NEW.product_id, NEW.name,
        design.params, NEW.qty, NEW.unit_minor, 0, NEW.tax_rate_bp, tax, NEW.total_minor);
    RETURN NULL;
END $$;
CREATE TRIGGER table_shop_orders_are_taken AFTER INSERT OR UPDATE ON table_shop_orders FOR EACH ROW
    WHEN (NEW.status = 'paid') EXECUTE FUNCTION take_table_order();
