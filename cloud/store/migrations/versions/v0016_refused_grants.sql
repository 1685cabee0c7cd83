-- A grant that the box did not take goes back to its wallet.
CREATE FUNCTION post_refused_grant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given record;
BEGIN
    SELECT v.organisation_id, v.currency, g.wallet_id, g.amount_minor INTO given
    FROM grants g JOIN venues v USING (venue_id) WHERE g.venue_id = NEW.venue_id AND g.grant_id = NEW.command_id;
    IF FOUND THEN
        INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency) VALUES
            (given.organisation_id, 'refused:' || NEW.command_id || '@' || NEW.venue_id,
                'grant:' || NEW.venue_id || ':' || given.wallet_id, -given.amount_minor, given.currency),
            (given.organisation_id, 'refused:' || NEW.command_id || '@' || NEW.venue_id,
                'wallet:' || given.wallet_id, given.amount_minor, given.currency)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refused_grants_go_back AFTER INSERT OR UPDATE ON command_outcomes FOR EACH ROW
    WHEN (NEW.kind = 'credit_grant' AND NEW.status IN ('REFUSED', 'EXPIRED'))
    EXECUTE FUNCTION post_refused_grant();
