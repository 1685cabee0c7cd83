-- Money asked for by way of a provider: INITIATED is here before the provider hears of it. `wanted` is the
-- request as it was made, so that the very same can be sent again; `trouble` is for a person to look at.
CREATE TABLE card_payments (
    organisation_id uuid NOT NULL,
    payment_id text NOT NULL,
    venue_id uuid,
    purpose text NOT NULL,
    subject text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    wanted text NOT NULL,
    status text NOT NULL CHECK (
        status IN ('INITIATED', 'PENDING', 'UNKNOWN', 'COMPLETED', 'FAILED', 'REFUNDED')
    ),
    reference text UNIQUE,
    session text UNIQUE,
    code text NOT NULL DEFAULT '',
    failure text NOT NULL DEFAULT '',
    trouble text NOT NULL DEFAULT '',
    refunded_minor bigint NOT NULL DEFAULT 0 CHECK (refunded_minor BETWEEN 0 AND amount_minor),
    initiated_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    asks bigint NOT NULL DEFAULT 0,
    ask_at timestamptz NOT NULL DEFAULT now() + interval '30 seconds',
    PRIMARY KEY (organisation_id, payment_id)
);
CREATE INDEX card_payments_by_time ON card_payments (organisation_id, initiated_at DESC);
CREATE INDEX card_payments_of_venue ON card_payments (venue_id, initiated_at DESC);
CREATE INDEX card_payments_under_way ON card_payments (ask_at)
    WHERE status IN ('INITIATED', 'PENDING', 'UNKNOWN') AND trouble = '';

CREATE TRIGGER card_payments_unreachable BEFORE UPDATE ON card_payments FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND (
        OLD.status IN ('FAILED', 'REFUNDED')
        OR NEW.status = 'INITIATED'
        OR (OLD.status = 'COMPLETED' AND NEW.status <> 'REFUNDED')
    ))
    EXECUTE FUNCTION refuse_unreachable('a card payment', 'a state that lies behind it');

-- Money given back by way of a provider, each a record of its own.
CREATE TABLE card_refunds (
    organisation_id uuid NOT NULL,
    refund_id text NOT NULL,
    payment_id text NOT NULL,
    venue_id uuid,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    reason text NOT NULL,
    by text NOT NULL,
    role text NOT NULL,
    status text NOT NULL CHECK (status IN ('INITIATED', 'PENDING', 'UNKNOWN', 'COMPLETED', 'FAILED')),
    reference text UNIQUE,
    failure text NOT NULL DEFAULT '',
    requested_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    asks bigint NOT NULL DEFAULT 0,
    ask_at timestamptz NOT NULL DEFAULT now() + interval '30 seconds',
    PRIMARY KEY (organisation_id, refund_id)
);
CREATE INDEX card_refunds_of_payment ON card_refunds (organisation_id, payment_id);
CREATE INDEX card_refunds_by_time ON card_refunds (organisation_id, requested_at DESC);
CREATE INDEX card_refunds_under_way ON card_refunds (ask_at) WHERE status IN ('INITIATED', 'PENDING', 'UNKNOWN');

-- A bank may send money back that a refund had already brought it: COMPLETED is not the end there.
CREATE TRIGGER card_refunds_unreachable BEFORE UPDATE ON card_refunds FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND (
        OLD.status = 'FAILED'
        OR NEW.status = 'INITIATED'
        OR (OLD.status = 'COMPLETED' AND NEW.status <> 'FAILED')
    ))
    EXECUTE FUNCTION refuse_unreachable('a refund by card', 'a state that lies behind it');

-- Every event that the provider signed, once by its id, with what was made of it.
CREATE TABLE stripe_event_log (
    event_id text PRIMARY KEY,
    type text NOT NULL,
    organisation_id uuid,
    payment_id text,
    made_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    outcome text NOT NULL,
    body text NOT NULL
);
CREATE INDEX stripe_events_by_time ON stripe_event_log (received_at);
CREATE INDEX stripe_events_of_payment ON stripe_event_log (organisation_id, payment_id);
