-- What came where another amount was asked for, until and after somebody has decided about it.
ALTER TABLE card_payments ADD COLUMN received_minor bigint;
ALTER TABLE card_payments ADD COLUMN received_currency text;

CREATE OR REPLACE FUNCTION post_card_payment(paid card_payments) RETURNS void LANGUAGE sql AS $$
    INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency)
    SELECT paid.organisation_id, 'card:' || paid.payment_id, row.account, row.minor, paid.currency
    FROM (VALUES ('stripe', -coalesce(paid.received_minor, paid.amount_minor)),
        (card_account(paid), paid.amount_minor),
        ('differences', coalesce(paid.received_minor, paid.amount_minor) - paid.amount_minor)) AS row (account, minor)
    WHERE row.minor <> 0 ON CONFLICT DO NOTHING
$$;

-- COMPLETED takes the money back; FAILED after it was COMPLETED is money that the bank sent back to us. What was
-- given back because its amount was wrong never came into the books.
CREATE OR REPLACE FUNCTION post_card_refund() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid card_payments;
    sign bigint := CASE WHEN NEW.status = 'COMPLETED' THEN 1 ELSE -1 END;
    name text := CASE WHEN NEW.status = 'COMPLETED' THEN 'card refund:' ELSE 'card refund back:' END || NEW.refund_id;
BEGIN
    SELECT * INTO paid FROM card_payments WHERE organisation_id = NEW.organisation_id AND payment_id = NEW.payment_id;
    IF FOUND AND paid.status <> 'FAILED' THEN
        INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency) VALUES
            (NEW.organisation_id, name, card_account(paid), -sign * NEW.amount_minor, paid.currency),
            (NEW.organisation_id, name, 'stripe', sign * NEW.amount_minor, paid.currency)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
