-- Bills, payments, receipts, shifts; and when somebody went to another table.

ALTER TABLE table_members ADD COLUMN left_ms bigint;

CREATE TABLE bills (
    venue_id uuid NOT NULL,
    session_pid text NOT NULL,
    table_name text NOT NULL,
    currency text NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'settled', 'merged')),
    net_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    paid_minor bigint NOT NULL,
    held_minor bigint NOT NULL,
    tip_minor bigint NOT NULL,
    balance_minor bigint NOT NULL,
    merged_into text,
    opened_ms bigint NOT NULL,
    settled_ms bigint,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, session_pid)
);
CREATE INDEX bills_unsettled ON bills (venue_id, opened_ms) WHERE status = 'open';

CREATE TABLE bill_lines (
    venue_id uuid NOT NULL,
    session_pid text NOT NULL,
    id text NOT NULL,
    source text NOT NULL,
    ref text NOT NULL,
    menu_item bigint,
    name text NOT NULL,
    qty bigint NOT NULL,
    price_minor bigint NOT NULL,
    member text,
    tax_rate_bp bigint NOT NULL,
    tax_inclusive boolean NOT NULL,
    takeaway boolean NOT NULL,
    voided bigint NOT NULL,
    comped bigint NOT NULL,
    discount_minor bigint NOT NULL,
    amount_minor bigint NOT NULL,
    moved_to text,
    PRIMARY KEY (venue_id, session_pid, id)
);

CREATE TABLE bill_adjustments (
    venue_id uuid NOT NULL,
    session_pid text NOT NULL,
    adjustment text NOT NULL,
    kind text NOT NULL,
    line text,
    qty bigint,
    amount_minor bigint NOT NULL,
    reason text NOT NULL,
    by text,
    approved_by text NOT NULL,
    made_ms bigint NOT NULL,
    PRIMARY KEY (venue_id, session_pid, adjustment)
);
CREATE INDEX bill_adjustments_by_day ON bill_adjustments (venue_id, made_ms);

CREATE TABLE receipts (
    venue_id uuid NOT NULL,
    number bigint NOT NULL,
    session_pid text NOT NULL,
    kind text NOT NULL,
    total_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    currency text NOT NULL,
    body text NOT NULL,
    issued_ms bigint NOT NULL,
    PRIMARY KEY (venue_id, number)
);
CREATE INDEX receipts_by_day ON receipts (venue_id, issued_ms);

CREATE TABLE shifts (
    venue_id uuid NOT NULL,
    shift_pid text NOT NULL,
    till text NOT NULL,
    currency text NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'closed')),
    by_itself boolean NOT NULL,
    opened_by text,
    float_minor bigint NOT NULL,
    expected_minor bigint NOT NULL,
    counted_minor bigint,
    difference_minor bigint,
    z_number bigint,
    totals text NOT NULL,
    opened_ms bigint NOT NULL,
    closed_ms bigint,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, shift_pid)
);
CREATE INDEX shifts_by_day ON shifts (venue_id, opened_ms);

CREATE TABLE cash_movements (
    venue_id uuid NOT NULL,
    movement text NOT NULL,
    shift_pid text NOT NULL,
    amount_minor bigint NOT NULL,
    reason text NOT NULL,
    by text,
    made_ms bigint NOT NULL,
    PRIMARY KEY (venue_id, movement)
);

CREATE TABLE payments (
    venue_id uuid NOT NULL,
    payment_pid text NOT NULL,
    method text NOT NULL,
    currency text NOT NULL,
    amount_minor bigint NOT NULL,
    tip_minor bigint NOT NULL,
    rounding_minor bigint NOT NULL,
    session_pid text,
    share bigint,
    till text NOT NULL,
    status text NOT NULL CHECK (
        status IN ('INITIATED', 'PENDING', 'UNKNOWN', 'COMPLETED', 'FAILED', 'REFUNDED')
    ),
    reference text,
    failure text,
    shift_pid text,
    refunded_minor bigint NOT NULL,
    refunded_tip_minor bigint NOT NULL,
    initiated_ms bigint NOT NULL,
    completed_ms bigint,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, payment_pid)
);
CREATE INDEX payments_by_day ON payments (venue_id, initiated_ms);

CREATE TABLE refunds (
    venue_id uuid NOT NULL,
    refund_pid text NOT NULL,
    payment_pid text NOT NULL,
    amount_minor bigint NOT NULL,
    tip_minor bigint NOT NULL,
    rounding_minor bigint NOT NULL,
    reason text NOT NULL,
    by text,
    approved_by text NOT NULL,
    shift_pid text NOT NULL,
    made_ms bigint NOT NULL,
    PRIMARY KEY (venue_id, refund_pid)
);

CREATE TRIGGER bills_final BEFORE UPDATE ON bills FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND OLD.status = 'merged')
    EXECUTE FUNCTION refuse_unreachable('a merged bill', 'anything else');

CREATE TRIGGER shifts_final BEFORE UPDATE ON shifts FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND OLD.status = 'closed')
    EXECUTE FUNCTION refuse_unreachable('a closed shift', 'open');

CREATE TRIGGER payments_unreachable BEFORE UPDATE ON payments FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND (
        OLD.status IN ('FAILED', 'REFUNDED')
        OR NEW.status = 'INITIATED'
        OR (OLD.status = 'COMPLETED' AND NEW.status <> 'REFUNDED')
    ))
    EXECUTE FUNCTION refuse_unreachable('a payment', 'a state that lies behind it');

-- What was written down once and for all.
CREATE TRIGGER receipts_final BEFORE UPDATE ON receipts FOR EACH ROW
    WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION refuse_unreachable('a receipt', 'another');
CREATE TRIGGER refunds_final BEFORE UPDATE ON refunds FOR EACH ROW
    WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION refuse_unreachable('a refund', 'another');
CREATE TRIGGER bill_adjustments_final BEFORE UPDATE ON bill_adjustments FOR EACH ROW
    WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION refuse_unreachable('an adjustment', 'another');
CREATE TRIGGER cash_movements_final BEFORE UPDATE ON cash_movements FOR EACH ROW
    WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION refuse_unreachable('a movement of cash', 'another');

CREATE TRIGGER bills_version BEFORE UPDATE ON bills FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();
CREATE TRIGGER shifts_version BEFORE UPDATE ON shifts FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();
CREATE TRIGGER payments_version BEFORE UPDATE ON payments FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();
