-- A box has what it was granted, whatever a restored database knows of it: it is set aside again.
CREATE OR REPLACE FUNCTION post_account_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    venue record;
    other text;
    name text := 'entry:' || NEW.venue_id || ':' || NEW.user_id || ':' || NEW.number;
BEGIN
    IF NEW.reason = 'granted' AND NEW.amount_minor <= 0 THEN
        RETURN NULL;
    END IF;
    SELECT organisation_id, currency INTO venue FROM venues WHERE venue_id = NEW.venue_id;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF NEW.reason = 'granted' THEN
        PERFORM FROM wallets
            WHERE organisation_id = venue.organisation_id AND wallet_id = NEW.user_id FOR UPDATE;
        INSERT INTO grants (venue_id, grant_id, wallet_id, amount_minor, first) VALUES (
            NEW.venue_id, NEW.entry, NEW.user_id, NEW.amount_minor,
            NOT EXISTS (SELECT FROM grants WHERE venue_id = NEW.venue_id AND wallet_id = NEW.user_id)
        ) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        name := CASE WHEN NEW.entry LIKE 'grant:%' THEN NEW.entry ELSE 'grant:' || NEW.entry END
            || '@' || NEW.venue_id;
    END IF;
    other := CASE
        WHEN NEW.reason IN ('granted', 'given_back') THEN 'wallet:' || NEW.user_id
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
