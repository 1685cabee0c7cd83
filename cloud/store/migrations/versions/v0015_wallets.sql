-- What guests of an organisation have in the cloud, and what of it is set aside for venues.
CREATE TABLE wallets (
    organisation_id uuid NOT NULL,
    wallet_id text NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organisation_id, wallet_id)
);

-- `first` marks one row for each wallet at a venue.
CREATE TABLE grants (
    venue_id uuid NOT NULL,
    grant_id text NOT NULL,
    wallet_id text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    first boolean NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (venue_id, grant_id)
);
CREATE INDEX grants_of_wallet ON grants (wallet_id) WHERE first;

-- Double entry: the amounts of each transaction come to nothing.
CREATE TABLE ledger (
    organisation_id uuid NOT NULL,
    transaction text NOT NULL,
    account text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organisation_id, transaction, account)
);
CREATE INDEX ledger_of_account ON ledger (organisation_id, account);

CREATE FUNCTION refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount_minor) FROM ledger
        WHERE organisation_id = NEW.organisation_id AND transaction = NEW.transaction) <> 0 THEN
        RAISE EXCEPTION 'transaction % does not come to nothing', NEW.transaction USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON ledger DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is written in % stays', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER ledger_final BEFORE UPDATE OR DELETE ON ledger
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What a box says of a balance is posted with it. A grant was posted when it was set aside.
CREATE FUNCTION post_account_entry() RETURNS trigger LANGUAGE plpgsql AS $$
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
        WHEN NEW.amount_minor > 0 THEN 'till:' || NEW.venue_id
        ELSE 'revenue:' || NEW.venue_id
    END;
    INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency) VALUES
        (venue.organisation_id, name, 'grant:' || NEW.venue_id || ':' || NEW.user_id, NEW.amount_minor, venue.currency),
        (venue.organisation_id, name, other, -NEW.amount_minor, venue.currency)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER account_entries_are_posted AFTER INSERT ON account_entries
    FOR EACH ROW EXECUTE FUNCTION post_account_entry();
