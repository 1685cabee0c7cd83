-- Money of venues in the ledger. What an account has is what it owes or has earned; what stands against it (a
-- drawer, a terminal, the provider, the bank) is below zero by as much. `cards:` of a venue is what the provider
-- has taken for it and its box has not yet said: it comes to nothing when both agree.
CREATE FUNCTION post_payment(paid payments) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    venue record;
    online boolean;
    source text;
    target text;
    name text := 'payment:' || paid.venue_id || ':' || paid.payment_pid;
BEGIN
    SELECT organisation_id INTO venue FROM venues WHERE venue_id = paid.venue_id;
    IF NOT FOUND OR paid.method NOT IN ('CASH', 'CARD') THEN
        RETURN;  -- a balance is posted by its own entries
    END IF;
    online := EXISTS (SELECT FROM card_payments c
        WHERE c.organisation_id = venue.organisation_id AND c.payment_id = paid.payment_pid);
    source := CASE WHEN paid.method = 'CASH' THEN 'drawer:' WHEN online THEN 'cards:' ELSE 'terminal:' END;
    -- Money for a balance was posted against the till by the balance's entry.
    target := CASE WHEN paid.session_pid IS NULL AND paid.payment_pid NOT LIKE 'code-%' THEN 'till:' ELSE 'revenue:' END;
    INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency)
    SELECT venue.organisation_id, name, row.account || paid.venue_id, row.minor, paid.currency
    FROM (VALUES (source, -(paid.amount_minor + paid.tip_minor + paid.rounding_minor)),
        (target, paid.amount_minor), ('tips:', paid.tip_minor), ('rounding:', paid.rounding_minor)) AS row (account, minor)
    WHERE row.minor <> 0 ON CONFLICT DO NOTHING;
END $$;

CREATE FUNCTION post_payments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM post_payment(NEW);
    RETURN NULL;
END $$;
CREATE TRIGGER payments_are_posted AFTER INSERT OR UPDATE OF status ON payments FOR EACH ROW
    WHEN (NEW.status IN ('COMPLETED', 'REFUNDED')) EXECUTE FUNCTION post_payments();

-- A refund's payment may be written after it in one run of facts, so this looks when the transaction ends. What
-- came by way of the provider goes back the same way: from here on the loop that asks sees to it.
CREATE FUNCTION post_refund(given refunds) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    venue record;
    paid record;
    card record;
    target text;
    back bigint := given.amount_minor + given.tip_minor + given.rounding_minor;
    name text := 'refund:' || given.venue_id || ':' || given.refund_pid;
BEGIN
    SELECT organisation_id INTO venue FROM venues WHERE venue_id = given.venue_id;
    SELECT method, currency INTO paid FROM payments WHERE venue_id = given.venue_id AND payment_pid = given.payment_pid;
    IF venue.organisation_id IS NULL OR paid.method IS NULL THEN
        RETURN;
    END IF;
    SELECT payment_id, status INTO card FROM card_payments
        WHERE organisation_id = venue.organisation_id AND payment_id = given.payment_pid;
    target := CASE
        WHEN paid.method = 'CASH' THEN 'drawer:'
        WHEN paid.method = 'BALANCE' THEN 'till:'
        WHEN card.payment_id IS NOT NULL THEN 'cards:'
        ELSE 'terminal:'
    END;
    INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency)
    SELECT venue.organisation_id, name, row.account || given.venue_id, row.minor, paid.currency
    FROM (VALUES ('revenue:', -given.amount_minor), ('tips:', -given.tip_minor),
        ('rounding:', -given.rounding_minor), (target, back)) AS row (account, minor)
    WHERE row.minor <> 0 ON CONFLICT DO NOTHING;
    IF card.payment_id IS NOT NULL AND back > 0 THEN
        INSERT INTO card_refunds (organisation_id, refund_id, payment_id, venue_id, amount_minor, reason, by, role, status, ask_at)
        VALUES (venue.organisation_id, given.refund_pid, given.payment_pid, given.venue_id, back, given.reason,
            coalesce(given."by", given.approved_by), 'venue', 'INITIATED', now())
        ON CONFLICT DO NOTHING;
    END IF;
END $$;

CREATE FUNCTION post_refunds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM post_refund(NEW);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER refunds_are_posted AFTER INSERT ON refunds DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION post_refunds();

-- What the provider has taken and given back, by what it was for.
CREATE FUNCTION card_account(payment card_payments) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE payment.purpose
        WHEN 'venue' THEN 'cards:' || payment.venue_id
        WHEN 'top_up' THEN 'wallet:' || payment.subject
        ELSE 'revenue:' || payment.purpose
    END
$$;

CREATE FUNCTION post_card_payment(paid card_payments) RETURNS void LANGUAGE sql AS $$
    INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency) VALUES
        (paid.organisation_id, 'card:' || paid.payment_id, 'stripe', -paid.amount_minor, paid.currency),
        (paid.organisation_id, 'card:' || paid.payment_id, card_account(paid), paid.amount_minor, paid.currency)
    ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION post_card_payments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM post_card_payment(NEW);
    RETURN NULL;
END $$;
CREATE TRIGGER card_payments_are_posted AFTER UPDATE ON card_payments FOR EACH ROW
    WHEN (NEW.status IN ('COMPLETED', 'REFUNDED') AND OLD.status NOT IN ('COMPLETED', 'REFUNDED'))
    EXECUTE FUNCTION post_card_payments();

-- COMPLETED takes the money back; FAILED after it was COMPLETED is money that the bank sent back to us.
CREATE FUNCTION post_card_refund() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid card_payments;
    sign bigint := CASE WHEN NEW.status = 'COMPLETED' THEN 1 ELSE -1 END;
    name text := CASE WHEN NEW.status = 'COMPLETED' THEN 'card refund:' ELSE 'card refund back:' END || NEW.refund_id;
BEGIN
    SELECT * INTO paid FROM card_payments WHERE organisation_id = NEW.organisation_id AND payment_id = NEW.payment_id;
    IF FOUND THEN
        INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency) VALUES
            (NEW.organisation_id, name, card_account(paid), -sign * NEW.amount_minor, paid.currency),
            (NEW.organisation_id, name, 'stripe', sign * NEW.amount_minor, paid.currency)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER card_refunds_are_posted AFTER UPDATE OF status ON card_refunds FOR EACH ROW
    WHEN (NEW.status <> OLD.status AND (NEW.status = 'COMPLETED' OR (NEW.status = 'FAILED' AND OLD.status = 'COMPLETED')))
    EXECUTE FUNCTION post_card_refund();

-- The provider's own books, line by line, as far as they are about this organisation.
CREATE TABLE provider_movements (
    organisation_id uuid NOT NULL,
    movement_id text NOT NULL,
    kind text NOT NULL,
    source text NOT NULL,
    payment_id text,
    payout_id text,
    amount_minor bigint NOT NULL,
    fee_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    currency text NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, movement_id)
);
CREATE INDEX provider_movements_of_payment ON provider_movements (organisation_id, payment_id);
CREATE INDEX provider_movements_of_payout ON provider_movements (organisation_id, payout_id);

CREATE FUNCTION post_fee() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency) VALUES
        (NEW.organisation_id, 'fee:' || NEW.movement_id, 'fees', -NEW.fee_minor, NEW.currency),
        (NEW.organisation_id, 'fee:' || NEW.movement_id, 'stripe', NEW.fee_minor, NEW.currency)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER fees_are_posted AFTER INSERT ON provider_movements FOR EACH ROW
    WHEN (NEW.fee_minor <> 0) EXECUTE FUNCTION post_fee();

-- What of a payout is this organisation's.
CREATE TABLE payouts (
    organisation_id uuid NOT NULL,
    payout_id text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    status text NOT NULL,
    arrives_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organisation_id, payout_id)
);

CREATE FUNCTION post_payout() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign bigint := CASE WHEN NEW.status = 'paid' THEN 1 ELSE -1 END;
    name text := CASE WHEN NEW.status = 'paid' THEN 'payout:' ELSE 'payout back:' END || NEW.payout_id;
BEGIN
    INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency) VALUES
        (NEW.organisation_id, name, 'bank', -sign * NEW.amount_minor, NEW.currency),
        (NEW.organisation_id, name, 'stripe', sign * NEW.amount_minor, NEW.currency)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER payouts_arrive AFTER INSERT ON payouts FOR EACH ROW
    WHEN (NEW.status = 'paid') EXECUTE FUNCTION post_payout();
CREATE TRIGGER payouts_change AFTER UPDATE OF status ON payouts FOR EACH ROW
    WHEN (NEW.status <> OLD.status AND (NEW.status = 'paid' OR (NEW.status = 'failed' AND OLD.status = 'paid')))
    EXECUTE FUNCTION post_payout();
