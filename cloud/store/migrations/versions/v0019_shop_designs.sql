-- ── The shop: products, designs, pictures ───────────────────────────────────────────────────────

-- What guests made at a table, as the box folded it.
CREATE TABLE table_designs (
    venue_id uuid NOT NULL,
    design_id text NOT NULL,
    session_pid text NOT NULL,
    member_pid text NOT NULL,
    product_id text NOT NULL,
    template text NOT NULL,
    parameters text NOT NULL,
    picture text,
    status text NOT NULL CHECK (status IN ('draft', 'final')),
    begun_ms bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, design_id)
);
CREATE TRIGGER table_designs_final BEFORE UPDATE ON table_designs FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND OLD.status = 'final')
    EXECUTE FUNCTION refuse_unreachable('a design that was handed over', 'a draft');
CREATE TRIGGER table_designs_version BEFORE UPDATE ON table_designs FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();

CREATE TABLE table_shop_orders (
    venue_id uuid NOT NULL,
    order_id text NOT NULL,
    session_pid text NOT NULL,
    member_pid text NOT NULL,
    guest_name text NOT NULL,
    email text,
    design_id text NOT NULL,
    product_id text NOT NULL,
    name text NOT NULL,
    qty bigint NOT NULL,
    unit_minor bigint NOT NULL,
    tax_rate_bp bigint NOT NULL,
    tax_inclusive boolean NOT NULL,
    total_minor bigint NOT NULL,
    currency text NOT NULL,
    status text NOT NULL CHECK (status IN ('placed', 'paid', 'cancelled')),
    paid_by text,
    placed_ms bigint NOT NULL,
    paid_ms bigint,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, order_id)
);
CREATE TRIGGER table_shop_orders_final BEFORE UPDATE ON table_shop_orders FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND OLD.status <> 'placed')
    EXECUTE FUNCTION refuse_unreachable('an order that is paid or cancelled', 'another state');
CREATE TRIGGER table_shop_orders_version BEFORE UPDATE ON table_shop_orders FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();

-- What a venue sells. Follows from its newest configuration, whoever publishes that.
CREATE TABLE products (
    venue_id uuid NOT NULL,
    product_id text NOT NULL,
    place integer NOT NULL,
    template text NOT NULL,
    name text NOT NULL,
    words text NOT NULL,
    price_minor bigint NOT NULL CHECK (price_minor >= 0),
    tax_rate_bp integer NOT NULL CHECK (tax_rate_bp BETWEEN 0 AND 10000),
    tax_inclusive boolean NOT NULL,
    weight_g integer NOT NULL CHECK (weight_g >= 0),
    on_sale boolean NOT NULL,
    PRIMARY KEY (venue_id, product_id)
);

CREATE FUNCTION follow_shop_config() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    config jsonb := convert_from(NEW.body, 'UTF8')::jsonb;
BEGIN
    UPDATE products SET on_sale = false WHERE venue_id = NEW.venue_id AND on_sale;
    INSERT INTO products (venue_id, product_id, place, template, name, words, price_minor, tax_rate_bp,
        tax_inclusive, weight_g, on_sale)
    SELECT NEW.venue_id, item->>'id', n, item->>'template', item->>'name', coalesce(item->>'words', ''),
        (item->>'price_minor')::bigint, coalesce((item->>'tax_rate_bp')::int, 0),
        coalesce((config->>'tax_inclusive')::boolean, true), coalesce((item->>'weight_g')::int, 0), true
    FROM jsonb_array_elements(coalesce(config->'shop'->'products', '[]'::jsonb)) WITH ORDINALITY AS p (item, n)
    ON CONFLICT (venue_id, product_id) DO UPDATE SET place = EXCLUDED.place, template = EXCLUDED.template,
        name = EXCLUDED.name, words = EXCLUDED.words, price_minor = EXCLUDED.price_minor,
        tax_rate_bp = EXCLUDED.tax_rate_bp, tax_inclusive = EXCLUDED.tax_inclusive,
        weight_g = EXCLUDED.weight_g, on_sale = true;
    RETURN NULL;
END $$;
CREATE TRIGGER shop_follows_config AFTER INSERT ON down_entries FOR EACH ROW
    WHEN (NEW.stream = 'config') EXECUTE FUNCTION follow_shop_config();

-- A guest's design. `guest_digest` is of the key that their browser made, empty for one made at a table.
CREATE TABLE designs (
    venue_id uuid NOT NULL,
    design_id uuid NOT NULL,
    guest_digest text NOT NULL,
    source text NOT NULL CHECK (source IN ('home', 'table')),
    product_id text NOT NULL,
    template text NOT NULL,
    params jsonb NOT NULL,
    picture text,
    status text NOT NULL CHECK (status IN ('draft', 'queued', 'processing', 'ready', 'failed')),
    version bigint NOT NULL CHECK (version > 0),
    original_design_id uuid,
    preview text,
    final_image text,
    failure text,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    finalized_at timestamptz,
    PRIMARY KEY (venue_id, design_id),
    CHECK ((final_image IS NOT NULL) = (status = 'ready')),
    CHECK ((finalized_at IS NULL) = (status = 'draft'))
);
CREATE INDEX designs_by_id ON designs (design_id);
CREATE INDEX designs_of_guest ON designs (venue_id, guest_digest, changed_at);
CREATE INDEX designs_by_params ON designs USING gin (params jsonb_path_ops);
CREATE INDEX designs_under_way ON designs (finalized_at) WHERE status IN ('queued', 'processing');

-- draft → queued → processing → ready | failed, and from failed or after a retry back to queued.
CREATE FUNCTION guard_design() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        ('draft', 'queued'), ('queued', 'processing'), ('processing', 'queued'), ('processing', 'ready'),
        ('processing', 'failed'), ('queued', 'failed'), ('failed', 'queued')
    ) THEN
        RAISE EXCEPTION 'a design cannot go from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.status <> 'draft' AND (OLD.params, OLD.template, OLD.product_id) <> (NEW.params, NEW.template, NEW.product_id) THEN
        RAISE EXCEPTION 'a design that was handed over stays as it is' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.final_image <> NEW.final_image OR NEW.version < OLD.version THEN
        RAISE EXCEPTION 'a design has one final picture, and its version grows' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER designs_are_guarded BEFORE UPDATE ON designs FOR EACH ROW EXECUTE FUNCTION guard_design();

-- What a box says of a design becomes one of the shop's, in the transaction that takes the fact in.
CREATE FUNCTION take_table_design() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO designs (venue_id, design_id, guest_digest, source, product_id, template, params, picture,
        status, version, finalized_at)
    VALUES (NEW.venue_id, NEW.design_id::uuid, '', 'table', NEW.product_id, NEW.template, NEW.parameters::jsonb,
        NEW.picture, CASE NEW.status WHEN 'final' THEN 'queued' ELSE 'draft' END, NEW.version,
        CASE NEW.status WHEN 'final' THEN now() END)
    ON CONFLICT (venue_id, design_id) DO UPDATE SET params = EXCLUDED.params, picture = EXCLUDED.picture,
        status = EXCLUDED.status, version = EXCLUDED.version, finalized_at = EXCLUDED.finalized_at,
        changed_at = now()
    WHERE designs.status = 'draft' AND designs.source = 'table' AND designs.version < EXCLUDED.version;
    RETURN NULL;
END $$;
CREATE TRIGGER table_designs_are_taken AFTER INSERT OR UPDATE ON table_designs FOR EACH ROW
    WHEN (NEW.design_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')
    EXECUTE FUNCTION take_table_design();

-- One row for each picture that is to be painted; of a design's final picture there is one for ever.
CREATE TABLE render_jobs (
    venue_id uuid NOT NULL,
    render_id uuid NOT NULL,
    design_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('final', 'preview')),
    status text NOT NULL CHECK (status IN ('queued', 'processing', 'completed', 'failed')),
    template text NOT NULL,
    params jsonb NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL,
    image text,
    failure_reason text,
    queued_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    completed_at timestamptz,
    PRIMARY KEY (venue_id, render_id),
    CHECK ((image IS NOT NULL) = (status = 'completed')),
    CHECK ((completed_at IS NOT NULL) = (status IN ('completed', 'failed')))
);
CREATE UNIQUE INDEX render_jobs_one_final ON render_jobs (venue_id, design_id) WHERE kind = 'final';
CREATE INDEX render_jobs_by_age ON render_jobs (queued_at) WHERE kind = 'preview';

CREATE FUNCTION guard_render() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        ('queued', 'processing'), ('processing', 'completed'), ('processing', 'failed'), ('processing', 'queued'),
        ('queued', 'failed'), ('failed', 'queued')
    ) OR OLD.status = 'completed' AND OLD IS DISTINCT FROM NEW THEN
        RAISE EXCEPTION 'a render cannot go from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER render_jobs_are_guarded BEFORE UPDATE ON render_jobs FOR EACH ROW EXECUTE FUNCTION guard_render();

CREATE FUNCTION tell_of_render() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('render', NEW.venue_id || ' ' || NEW.design_id);
    RETURN NULL;
END $$;
CREATE TRIGGER render_jobs_are_told_of AFTER INSERT OR UPDATE OF status ON render_jobs
    FOR EACH ROW EXECUTE FUNCTION tell_of_render();

-- Quick previews. Found by CRC32, which collides, and then by the whole canonical form.
CREATE UNLOGGED TABLE previews (
    venue_id uuid NOT NULL,
    crc32 bigint NOT NULL,
    spelled text NOT NULL,
    name text NOT NULL,
    body bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (venue_id, crc32, spelled)
);
CREATE INDEX previews_by_name ON previews (venue_id, name);
CREATE INDEX previews_by_age ON previews (made_at);

-- Uploaded pictures by the SHA-256 of their bytes; those of a box come in pieces, `received` bytes so far.
CREATE TABLE pictures (
    venue_id uuid NOT NULL,
    blob text NOT NULL CHECK (blob ~ '^[0-9a-f]{64}$'),
    media text NOT NULL CHECK (media IN ('image/jpeg', 'image/png')),
    width_px integer NOT NULL CHECK (width_px > 0),
    height_px integer NOT NULL CHECK (height_px > 0),
    bytes bigint NOT NULL CHECK (bytes > 0),
    arrived_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (venue_id, blob)
);

CREATE TABLE picture_pieces (
    venue_id uuid NOT NULL,
    blob text NOT NULL,
    begins bigint NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (venue_id, blob, begins)
);
