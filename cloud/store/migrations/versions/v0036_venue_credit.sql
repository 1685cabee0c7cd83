-- What guests owe a venue that let them play on its credit while the cloud could not be reached.
CREATE TABLE venue_credits (
    venue_id uuid NOT NULL,
    entry text NOT NULL,
    user_id text NOT NULL,
    amount_minor bigint NOT NULL,
    cap_minor bigint NOT NULL,
    currency text NOT NULL,
    given_by text,
    given_ms bigint NOT NULL,
    collected_minor bigint NOT NULL,
    written_off_minor bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'collected', 'written_off')),
    note text NOT NULL,
    settled_by text,
    settled_ms bigint,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, entry)
);
CREATE INDEX venue_credits_open ON venue_credits (venue_id, given_ms) WHERE status = 'open';
CREATE TRIGGER venue_credits_final BEFORE UPDATE ON venue_credits FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND OLD.status <> 'open')
    EXECUTE FUNCTION refuse_unreachable('a credit that is settled', 'another');
CREATE TRIGGER venue_credits_version BEFORE UPDATE ON venue_credits FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();

-- Money that the venue stood in for, and what of it came back, goes between a balance and `credit:` of the venue,
-- which is below zero by what guests owe. The rest is as before.
CREATE OR REPLACE FUNCTION post_account_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    venue record;
    other text;
    name text := 'entry:' || NEW.venue_id || ':' || NEW.user_id || ':' || NEW.number;
BEGIN
    IF NEW.reason = 'granted' THEN
        RETURN NULL;
    END IF;
    SELECT organisation_id, currency INTO venue FROM venues WHERE venue_id = NEW.venue_id;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    other := CASE
        WHEN NEW.reason = 'given_back' THEN 'wallet:' || NEW.user_id
        WHEN NEW.reason IN ('venue_credit', 'credit_repaid') THEN 'credit:' || NEW.venue_id
        WHEN NEW.amount_minor > 0 THEN 'till:' || NEW.venue_id
        ELSE 'revenue:' || NEW.venue_id
    END;
    INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency) VALUES
        (venue.organisation_id, name, 'grant:' || NEW.venue_id || ':' || NEW.user_id, NEW.amount_minor, venue.currency),
        (venue.organisation_id, name, other, -NEW.amount_minor, venue.currency)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

-- A debt that is written off is the venue's loss.
CREATE FUNCTION post_written_off() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner uuid;
BEGIN
    SELECT organisation_id INTO owner FROM venues WHERE venue_id = NEW.venue_id;
    IF FOUND THEN
        INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency) VALUES
            (owner, 'written off:' || NEW.venue_id || ':' || NEW.entry, 'credit:' || NEW.venue_id,
                NEW.written_off_minor, NEW.currency),
            (owner, 'written off:' || NEW.venue_id || ':' || NEW.entry, 'loss:' || NEW.venue_id,
                -NEW.written_off_minor, NEW.currency)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER losses_are_posted AFTER INSERT OR UPDATE ON venue_credits FOR EACH ROW
    WHEN (NEW.written_off_minor > 0) EXECUTE FUNCTION post_written_off();

-- Sets as much of a guest's wallet aside for the venue as is free and asked for, once by the command's id, and
-- tells its box, which pays the debt with it first. Null where there is nothing to set aside.
CREATE FUNCTION grant_for_credit(at uuid, guest text, most bigint, command text, asked_by text)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    owner uuid;
    coin text;
    given bigint;
    place bigint;
    ask text;
BEGIN
    SELECT w.organisation_id, w.currency INTO owner, coin
    FROM venues v JOIN wallets w ON w.organisation_id = v.organisation_id AND w.currency = v.currency
    WHERE v.venue_id = at AND w.wallet_id = guest FOR UPDATE OF w;
    IF NOT FOUND OR EXISTS (SELECT FROM grants WHERE venue_id = at AND grant_id = command) THEN
        RETURN NULL;
    END IF;
    SELECT least(most, coalesce(sum(amount_minor), 0)) INTO given FROM ledger
        WHERE organisation_id = owner AND account = 'wallet:' || guest;
    IF given <= 0 THEN
        RETURN NULL;
    END IF;
    INSERT INTO grants (venue_id, grant_id, wallet_id, amount_minor, first)
        VALUES (at, command, guest, given, NOT EXISTS (SELECT FROM grants WHERE venue_id = at AND wallet_id = guest));
    INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency) VALUES
        (owner, 'grant:' || command || '@' || at, 'wallet:' || guest, -given, coin),
        (owner, 'grant:' || command || '@' || at, 'grant:' || at || ':' || guest, given, coin);
    INSERT INTO down_heads (venue_id, stream, seq) VALUES (at, 'commands', 1)
        ON CONFLICT (venue_id, stream) DO UPDATE SET seq = down_heads.seq + 1 RETURNING seq INTO place;
    ask := json_build_object('kind', 'credit_grant', 'user_id', guest, 'grant_id', command, 'amount_minor', given)::text;
    INSERT INTO instructions (venue_id, command_id, seq, kind, by, ask, expires_at)
        VALUES (at, command, place, 'credit_grant', asked_by, ask, now() + interval '30 years');
    INSERT INTO down_entries (venue_id, stream, seq, body) VALUES (at, 'commands', place, convert_to(json_build_object(
        'command_id', command, 'by', asked_by, 'ttl_ms', 1099511627776, 'ask', ask::json)::text, 'UTF8'));
    PERFORM pg_notify('down', at::text);
    RETURN given;
END $$;

-- A debt is heard of: the wallet pays as much of it as it has, in the transaction that takes the fact in.
CREATE FUNCTION collect_credit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM grant_for_credit(NEW.venue_id, NEW.user_id, NEW.amount_minor - NEW.collected_minor - NEW.written_off_minor,
        'credit:' || NEW.entry, 'cloud');
    RETURN NULL;
END $$;
CREATE TRIGGER credits_are_collected AFTER INSERT ON venue_credits FOR EACH ROW
    WHEN (NEW.status = 'open') EXECUTE FUNCTION collect_credit();
