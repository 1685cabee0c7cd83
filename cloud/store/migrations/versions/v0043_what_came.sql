-- What can be given back of a payment is what came, and not what was asked for.
ALTER TABLE card_payments DROP CONSTRAINT card_payments_check;
ALTER TABLE card_payments ADD CONSTRAINT card_payments_check
    CHECK (refunded_minor BETWEEN 0 AND greatest(amount_minor, received_minor)) NOT VALID;
ALTER TABLE card_payments VALIDATE CONSTRAINT card_payments_check;

-- No more goes back than came; where more came than was asked for, the rest goes with what makes the payment
-- REFUNDED. The venue stands before the box's id, for two boxes may use the same; refunds from before this keep
-- their ids and are not asked for again.
CREATE OR REPLACE FUNCTION post_refund(given refunds) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    venue record;
    paid record;
    card record;
    target text;
    own text := given.venue_id || ':' || given.refund_pid;
    to_card bigint;
    back bigint := given.amount_minor + given.tip_minor + given.rounding_minor;
    name text := 'refund:' || given.venue_id || ':' || given.refund_pid;
BEGIN
    SELECT organisation_id INTO venue FROM venues WHERE venue_id = given.venue_id;
    SELECT method, currency, status INTO paid FROM payments WHERE venue_id = given.venue_id AND payment_pid = given.payment_pid;
    IF venue.organisation_id IS NULL OR paid.method IS NULL THEN
        RETURN;
    END IF;
    SELECT payment_id, amount_minor, coalesce(received_minor, amount_minor) AS came_minor INTO card FROM card_payments
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
    IF card.payment_id IS NULL OR EXISTS (SELECT FROM card_refunds WHERE organisation_id = venue.organisation_id
            AND payment_id = given.payment_pid AND refund_id IN (own, given.refund_pid)) THEN
        RETURN;
    END IF;
    to_card := back + CASE WHEN paid.status = 'REFUNDED' THEN greatest(card.came_minor - card.amount_minor, 0) ELSE 0 END;
    SELECT least(to_card, card.came_minor - coalesce(sum(amount_minor), 0)) INTO to_card FROM card_refunds
        WHERE organisation_id = venue.organisation_id AND payment_id = given.payment_pid AND status <> 'FAILED';
    IF to_card > 0 THEN
        INSERT INTO card_refunds (organisation_id, refund_id, payment_id, venue_id, amount_minor, reason, by, role, status, ask_at)
        VALUES (venue.organisation_id, own, given.payment_pid, given.venue_id, to_card, given.reason,
            coalesce(given."by", given.approved_by), 'venue', 'INITIATED', now())
        ON CONFLICT DO NOTHING;
    END IF;
END $$;

-- With the last of what came, what was too much or too little leaves `differences` again.
CREATE OR REPLACE FUNCTION post_card_refund() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid card_payments;
    came bigint;
    others bigint;
    rest bigint := 0;
    sign bigint := CASE WHEN NEW.status = 'COMPLETED' THEN 1 ELSE -1 END;
    name text := CASE WHEN NEW.status = 'COMPLETED' THEN 'card refund:' ELSE 'card refund back:' END || NEW.refund_id;
BEGIN
    SELECT * INTO paid FROM card_payments WHERE organisation_id = NEW.organisation_id AND payment_id = NEW.payment_id;
    IF NOT FOUND OR paid.status = 'FAILED' THEN
        RETURN NULL;
    END IF;
    came := coalesce(paid.received_minor, paid.amount_minor);
    SELECT coalesce(sum(amount_minor), 0) INTO others FROM card_refunds WHERE organisation_id = NEW.organisation_id
        AND payment_id = NEW.payment_id AND refund_id <> NEW.refund_id AND status = 'COMPLETED';
    IF others < came AND others + NEW.amount_minor >= came THEN
        rest := paid.amount_minor - came;
    END IF;
    INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency)
    SELECT NEW.organisation_id, name, row.account, row.minor, paid.currency
    FROM (VALUES (card_account(paid), -sign * (NEW.amount_minor + rest)), ('stripe', sign * NEW.amount_minor),
        ('differences', sign * rest)) AS row (account, minor)
    WHERE row.minor <> 0 ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
