-- The second wall between organisations: what the dashboard's connections may see, row by row.
--
-- `cloud/store/tenancy.py` turns into the role holdfast_owners and names one organisation; Postgres then shows
-- that organisation's rows whatever a statement forgot to ask for, and no row at all where none was named.
-- A person may be bound to some brands and venues: then it shows the rows of these, and of what belongs to all
-- of the organisation nothing that is not said below.
-- Ingest and logging in act for nobody yet and stay with the tables' owner, whom these rules pass by.
--
-- This file is run after the migrations at every start and changes nothing the second time. It finds tables
-- by their columns, so a new table stands behind the wall without anybody thinking of it; only what owners
-- may *write* is listed. A table that is neither of a venue nor of an organisation is not shown at all.

CREATE OR REPLACE FUNCTION holdfast_organisation() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('holdfast.organisation', true), '')::uuid $$;

-- Ids of the brands and venues that somebody is bound to; null for the whole organisation.
CREATE OR REPLACE FUNCTION holdfast_reach() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('holdfast.reach', true), '')::uuid[] $$;

DO $wall$
DECLARE
    found record;
    rule text;
    everything text := '(SELECT holdfast_reach() IS NULL)';
    their_venues text := '(SELECT v.venue_id FROM venues v)';
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'holdfast_owners') THEN
        BEGIN
            CREATE ROLE holdfast_owners NOLOGIN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of this server was quicker
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION 'the role holdfast_owners is missing and % may not make it', current_user
                    USING ERRCODE = 'insufficient_privilege', HINT = format('Have an administrator run: CREATE ROLE holdfast_owners NOLOGIN; '
                        'GRANT holdfast_owners TO %I;', current_user);
        END;
    END IF;
    IF (SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = 'holdfast_owners') THEN
        RAISE EXCEPTION 'the role holdfast_owners must not pass by row-level security';
    END IF;
    BEGIN
        PERFORM set_config('role', 'holdfast_owners', true);
        PERFORM set_config('role', 'none', true);
    EXCEPTION WHEN insufficient_privilege THEN
        BEGIN
            EXECUTE format('GRANT holdfast_owners TO %I', current_user);
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE EXCEPTION '% may not act as the role holdfast_owners', current_user
                USING ERRCODE = 'insufficient_privilege',
                    HINT = format('Have an administrator run: GRANT holdfast_owners TO %I;', current_user);
        END;
    END;

    FOR found IN
        SELECT c.oid::regclass AS name, c.relname, bool_or(a.attname = 'organisation_id') AS of_organisation
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
            AND NOT c.relispartition AND a.attname IN ('organisation_id', 'venue_id')
            AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own_organisation')
        GROUP BY c.oid, c.relname ORDER BY c.relname
    LOOP
        rule := CASE
            WHEN found.of_organisation THEN 'organisation_id = holdfast_organisation()'
            ELSE 'venue_id IN (SELECT v.venue_id FROM venues v WHERE v.organisation_id = holdfast_organisation())'
        END;
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', found.name);
        EXECUTE format('CREATE POLICY own_organisation ON %s TO holdfast_owners USING (%s) WITH CHECK (%s)',
            found.name, rule, rule);
        IF found.relname NOT IN ('users', 'api_tokens', 'invitations', 'claim_codes', 'nodes', 'pairings') THEN
            EXECUTE format('GRANT SELECT ON %s TO holdfast_owners', found.name);
        END IF;
    END LOOP;

    -- What somebody's reach leaves of an organisation's tables. Those of venues need no rule of their own: the
    -- one above finds their venues in `venues`, where this one holds as well.
    FOR found IN
        SELECT c.oid::regclass AS name, c.relname, bool_or(a.attname = 'venue_id') AS of_venue
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
            AND NOT c.relispartition AND a.attname IN ('organisation_id', 'venue_id')
            AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own_reach')
        GROUP BY c.oid, c.relname HAVING bool_or(a.attname = 'organisation_id') ORDER BY c.relname
    LOOP
        -- Its name is everybody's.
        CONTINUE WHEN found.relname = 'organisations';
        rule := CASE
            WHEN found.relname = 'venues'
                THEN 'venue_id = ANY((SELECT holdfast_reach())::uuid[]) OR brand_id = ANY((SELECT holdfast_reach())::uuid[])'
            WHEN found.relname = 'brands'
                THEN 'brand_id = ANY((SELECT holdfast_reach())::uuid[]) OR brand_id IN (SELECT v.brand_id FROM venues v)'
            WHEN found.relname IN ('brand_menus', 'menu_versions') THEN 'brand_id IN (SELECT b.brand_id FROM brands b)'
            WHEN found.relname = 'exports' THEN format('cardinality(venues) > 0 AND venues <@ ARRAY%s', their_venues)
            WHEN found.relname = 'export_parts' THEN 'export_id IN (SELECT e.export_id FROM exports e)'
            -- What was caused by somebody whose bounds lie within theirs; most is the cloud's own work.
            WHEN found.relname IN ('jobs', 'mails')
                THEN format('reach <@ ((SELECT holdfast_reach()) || ARRAY%s)', their_venues)
            WHEN found.relname = 'alerts' THEN format('venue IN %s', their_venues)
            WHEN found.of_venue THEN format('venue_id IN %s', their_venues)
            ELSE 'false'
        END;
        EXECUTE format('CREATE POLICY own_reach ON %s AS RESTRICTIVE FOR %s TO holdfast_owners USING (%s OR %s)',
            -- What they do is written down, also where it names no venue; what is posted has to add up for all.
            found.name, CASE WHEN found.relname IN ('audit', 'ledger') THEN 'SELECT' ELSE 'ALL' END, everything, rule);
    END LOOP;

    -- The wall stands before a whole table; nobody goes to a part of it by itself.
    FOR found IN
        SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relispartition
            AND has_table_privilege('holdfast_owners', c.oid, 'SELECT')
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM holdfast_owners', found.name);
    END LOOP;

    -- What owners may change, and columns of tables that hold secrets.
    FOR found IN
        SELECT * FROM (VALUES
            ('users', 'SELECT (user_id, organisation_id, email, name, role, reach, created_at)'),
            ('users', 'UPDATE (name, role, reach)'),
            ('users', 'DELETE'),
            ('invitations', 'SELECT (invitation_id, organisation_id, email, role, reach, invited_by, created_at, expires_at)'),
            ('invitations', 'INSERT'),
            ('invitations', 'DELETE'),
            ('api_tokens', 'SELECT (token_id, organisation_id, name, scopes, created_by, created_at, expires_at, last_used_at, reach)'),
            ('api_tokens', 'INSERT'),
            ('api_tokens', 'UPDATE (reach)'),
            ('api_tokens', 'DELETE'),
            ('nodes', 'SELECT (venue_id, node_id, epoch, log_id, durable_seq, tail_seq, clock_trusted, connection, heard_at, synced_at, trouble, claimed_at, unsynced_minor)'),
            ('claim_codes', 'SELECT (venue_id, created_at, expires_at, used_at, node_id)'),
            ('claim_codes', 'INSERT'),
            ('audit', 'INSERT'),
            ('brand_menus', 'INSERT'),
            ('brand_menus', 'UPDATE'),
            ('menu_versions', 'INSERT'),
            ('menu_publications', 'INSERT'),
            ('menu_publications', 'UPDATE'),
            ('down_heads', 'INSERT'),
            ('down_heads', 'UPDATE'),
            ('down_entries', 'INSERT'),
            ('instructions', 'INSERT'),
            ('settled_items', 'INSERT'),
            ('wallets', 'INSERT'),
            ('wallets', 'UPDATE (name, email)'),
            ('wallet_links', 'DELETE'),
            ('grants', 'INSERT'),
            ('ledger', 'INSERT'),
            ('jobs', 'INSERT'),
            ('mails', 'INSERT'),
            ('exports', 'INSERT'),
            ('exports', 'DELETE'),
            ('export_parts', 'DELETE'),
            ('alert_settings', 'INSERT'),
            ('alert_settings', 'UPDATE'),
            ('alert_recipients', 'INSERT'),
            ('alert_recipients', 'DELETE'),
            ('pgqueuer', 'SELECT (id, entrypoint, priority, dedupe_key)'),
            ('pgqueuer', 'INSERT'),
            ('pgqueuer_log', 'INSERT'),
            ('box_releases', 'INSERT (venue_id, ring)'),
            ('box_releases', 'UPDATE (ring)'),
            ('products', 'INSERT'),
            ('products', 'UPDATE'),
            ('shop_drafts', 'INSERT'),
            ('shop_drafts', 'UPDATE'),
            ('shop_rules', 'INSERT'),
            ('shop_rules', 'UPDATE'),
            ('shop_orders', 'UPDATE'),
            ('shop_shipments', 'INSERT'),
            ('shop_shipments', 'UPDATE'),
            ('admin_action_log', 'INSERT'),
            -- Held while a refund is begun, and never changed in somebody's name.
            ('card_payments', 'UPDATE (trouble)'),
            ('card_refunds', 'UPDATE (failure)'),
            ('card_refunds', 'INSERT')
        ) AS granted (name, what)
    LOOP
        EXECUTE format('GRANT %s ON %I TO holdfast_owners', found.what, found.name);
    END LOOP;
    GRANT USAGE ON SEQUENCE pgqueuer_id_seq TO holdfast_owners;
END $wall$;
