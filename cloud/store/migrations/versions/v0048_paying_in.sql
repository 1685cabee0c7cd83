-- Money that guests pay in on balances is theirs, and no sale: handed back it leaves the till and no revenue, and it is
-- among no takings, in which it would stand a second time when it is spent.
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
        WHEN NEW.reason = 'paid_out' THEN 'till:' || NEW.venue_id
        WHEN NEW.amount_minor > 0 THEN 'till:' || NEW.venue_id
        ELSE 'revenue:' || NEW.venue_id
    END;
    INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency) VALUES
        (venue.organisation_id, name, 'grant:' || NEW.venue_id || ':' || NEW.user_id, NEW.amount_minor, venue.currency),
        (venue.organisation_id, name, other, -NEW.amount_minor, venue.currency)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION post_refund(given refunds) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    venue record;
    paid record;
    card record;
    source text;
    target text;
    own text := given.venue_id || ':' || given.refund_pid;
    to_card bigint;
    back bigint := given.amount_minor + given.tip_minor + given.rounding_minor;
    name text := 'refund:' || given.venue_id || ':' || given.refund_pid;
BEGIN
    SELECT organisation_id INTO venue FROM venues WHERE venue_id = given.venue_id;
    SELECT method, currency, status, session_pid IS NULL AND payment_pid NOT LIKE 'code-%' AS prepaid INTO paid
        FROM payments WHERE venue_id = given.venue_id AND payment_pid = given.payment_pid;
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
    -- What was paid in on a balance was no sale; its entry took it off the balance, against the till.
    source := CASE WHEN paid.prepaid THEN 'till:' ELSE 'revenue:' END;
    INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency)
    SELECT venue.organisation_id, name, row.account || given.venue_id, row.minor, paid.currency
    FROM (VALUES (source, -given.amount_minor), ('tips:', -given.tip_minor),
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

CREATE OR REPLACE VIEW takings_counted AS
    SELECT p.venue_id, business_day(p.initiated_ms, v.timezone, v.day_begins) AS day, p.currency,
        coalesce(p.shift_pid, '') AS shift_pid, count(*) AS payments, sum(p.amount_minor) AS amount_minor,
        sum(p.tip_minor) AS tip_minor, sum(p.refunded_minor) AS refunded_minor
    FROM payments p JOIN venues v USING (venue_id)
    WHERE p.status IN ('COMPLETED', 'REFUNDED') AND (p.session_pid IS NOT NULL OR p.payment_pid LIKE 'code-%')
    GROUP BY 1, 2, 3, 4;

CREATE OR REPLACE FUNCTION sum_payments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changes takings[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg((p.venue_id, business_day(p.initiated_ms, v.timezone, v.day_begins), p.currency,
            coalesce(p.shift_pid, ''), 1, p.amount_minor, p.tip_minor, p.refunded_minor)::takings) INTO changes
        FROM fresh p JOIN venues v USING (venue_id) WHERE p.status IN ('COMPLETED', 'REFUNDED')
            AND (p.session_pid IS NOT NULL OR p.payment_pid LIKE 'code-%');
    ELSE
        SELECT array_agg((p.venue_id, business_day(p.initiated_ms, v.timezone, v.day_begins), p.currency,
            coalesce(p.shift_pid, ''), p.sign, p.sign * p.amount_minor::numeric, p.sign * p.tip_minor::numeric,
            p.sign * p.refunded_minor::numeric)::takings) INTO changes
        FROM (SELECT 1 AS sign, * FROM fresh UNION ALL SELECT -1, * FROM former) AS p
        JOIN venues v USING (venue_id) WHERE p.status IN ('COMPLETED', 'REFUNDED')
            AND (p.session_pid IS NOT NULL OR p.payment_pid LIKE 'code-%');
    END IF;
    IF changes IS NOT NULL THEN
        INSERT INTO takings
        SELECT venue_id, day, currency, shift_pid, sum(payments), sum(amount_minor), sum(tip_minor),
            sum(refunded_minor)
        FROM unnest(changes) GROUP BY 1, 2, 3, 4
        HAVING (sum(payments), sum(amount_minor), sum(tip_minor), sum(refunded_minor)) <> (0, 0, 0, 0)
        ON CONFLICT (venue_id, day, currency, shift_pid) DO UPDATE SET
            payments = takings.payments + EXCLUDED.payments,
            amount_minor = takings.amount_minor + EXCLUDED.amount_minor,
            tip_minor = takings.tip_minor + EXCLUDED.tip_minor,
            refunded_minor = takings.refunded_minor + EXCLUDED.refunded_minor;
    END IF;
    RETURN NULL;
END $$;

-- Where somebody has paid in, the sums are made anew, while the venue's boxes wait for a moment.
DELETE FROM counted_venues c WHERE EXISTS (
    SELECT FROM payments p
    WHERE p.venue_id = c.venue_id AND p.session_pid IS NULL AND p.payment_pid NOT LIKE 'code-%'
);

ALTER TABLE orphan_payments ADD COLUMN balance_of text;
