"""Bills, payments, receipts, shifts; and when somebody went to another table."""

from alembic import op

from edge.journal.migrations.statements import statements

revision = "0005"
down_revision = "0004"

SCHEMA = """
ALTER TABLE table_members ADD COLUMN left_ms INTEGER;

-- What a table session owes. There need not be a table session: a bill may be of play time alone.
CREATE TABLE bills (
    session_pid TEXT PRIMARY KEY,
    table_name TEXT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'settled', 'merged')),
    net_minor INTEGER NOT NULL CHECK (net_minor >= 0),
    total_minor INTEGER NOT NULL CHECK (total_minor >= net_minor),
    paid_minor INTEGER NOT NULL CHECK (paid_minor >= 0),
    held_minor INTEGER NOT NULL CHECK (held_minor >= 0),
    tip_minor INTEGER NOT NULL CHECK (tip_minor >= 0),
    balance_minor INTEGER NOT NULL CHECK (status = 'open' OR balance_minor = 0),
    merged_into TEXT CHECK ((merged_into IS NULL) = (status <> 'merged')),
    opened_ms INTEGER NOT NULL,
    settled_ms INTEGER CHECK ((settled_ms IS NULL) = (status <> 'settled')),
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX unsettled_bills ON bills (opened_ms) WHERE status = 'open';
CREATE TRIGGER bill_transitions BEFORE UPDATE OF status ON bills
WHEN NEW.status <> OLD.status AND NOT (
    OLD.status = 'open' AND NEW.status IN ('settled', 'merged')
    OR OLD.status = 'settled' AND NEW.status = 'open'
)
BEGIN SELECT RAISE(ABORT, 'a bill cannot move like that'); END;

CREATE TABLE bill_lines (
    session_pid TEXT NOT NULL REFERENCES bills (session_pid),
    id TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('order_line', 'play_session')),
    ref TEXT NOT NULL,
    menu_item INTEGER,
    name TEXT NOT NULL,
    qty INTEGER NOT NULL CHECK (qty > 0),
    price_minor INTEGER NOT NULL CHECK (price_minor >= 0),
    member TEXT,
    tax_rate_bp INTEGER NOT NULL CHECK (tax_rate_bp >= 0),
    tax_inclusive INTEGER NOT NULL CHECK (tax_inclusive IN (0, 1)),
    takeaway INTEGER NOT NULL CHECK (takeaway IN (0, 1)),
    voided INTEGER NOT NULL CHECK (voided >= 0),
    comped INTEGER NOT NULL CHECK (comped >= 0),
    discount_minor INTEGER NOT NULL CHECK (discount_minor >= 0),
    amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
    moved_to TEXT,
    PRIMARY KEY (session_pid, id),
    CHECK (voided + comped <= qty)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX a_line_is_on_one_bill ON bill_lines (id) WHERE moved_to IS NULL;

CREATE TABLE bill_adjustments (
    session_pid TEXT NOT NULL REFERENCES bills (session_pid),
    adjustment TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('void', 'comp', 'discount')),
    line TEXT,
    qty INTEGER,
    amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
    reason TEXT NOT NULL CHECK (reason <> ''),
    by TEXT,
    approved_by TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    PRIMARY KEY (session_pid, adjustment)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipts (
    number INTEGER PRIMARY KEY,
    session_pid TEXT NOT NULL REFERENCES bills (session_pid),
    kind TEXT NOT NULL CHECK (kind IN ('sale', 'refund')),
    total_minor INTEGER NOT NULL CHECK ((total_minor < 0) = (kind = 'refund')),
    tax_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    body TEXT NOT NULL,
    issued_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX receipts_session ON receipts (session_pid);
CREATE TRIGGER receipts_have_no_gap BEFORE INSERT ON receipts
WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM receipts)
BEGIN SELECT RAISE(ABORT, 'receipts are numbered without a gap'); END;
CREATE TRIGGER receipts_are_final BEFORE UPDATE ON receipts
BEGIN SELECT RAISE(ABORT, 'a receipt never changes'); END;

CREATE TABLE shifts (
    shift_pid TEXT PRIMARY KEY,
    till TEXT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'closed')),
    by_itself INTEGER NOT NULL CHECK (by_itself IN (0, 1)),
    opened_by TEXT,
    float_minor INTEGER NOT NULL CHECK (float_minor >= 0),
    expected_minor INTEGER NOT NULL,
    counted_minor INTEGER CHECK (counted_minor >= 0),
    difference_minor INTEGER CHECK (difference_minor = counted_minor - expected_minor),
    z_number INTEGER UNIQUE CHECK ((z_number IS NULL) = (status = 'open')),
    totals TEXT NOT NULL,
    opened_ms INTEGER NOT NULL,
    closed_ms INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX one_open_shift_a_till ON shifts (till) WHERE status = 'open';
CREATE TRIGGER shift_transitions BEFORE UPDATE OF status ON shifts
WHEN OLD.status = 'closed' AND NEW.status <> 'closed'
BEGIN SELECT RAISE(ABORT, 'a closed shift stays closed'); END;
CREATE TRIGGER z_reports_have_no_gap BEFORE UPDATE OF z_number ON shifts
WHEN OLD.z_number IS NULL AND NEW.z_number <> (SELECT coalesce(max(z_number), 0) + 1 FROM shifts)
BEGIN SELECT RAISE(ABORT, 'Z reports are numbered without a gap'); END;

CREATE TABLE cash_movements (
    movement TEXT PRIMARY KEY,
    shift_pid TEXT NOT NULL REFERENCES shifts (shift_pid),
    amount_minor INTEGER NOT NULL CHECK (amount_minor <> 0),
    reason TEXT NOT NULL CHECK (reason <> ''),
    by TEXT,
    made_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE payments (
    payment_pid TEXT PRIMARY KEY,
    method TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
    tip_minor INTEGER NOT NULL CHECK (tip_minor >= 0),
    rounding_minor INTEGER NOT NULL,
    session_pid TEXT,
    share INTEGER,
    till TEXT NOT NULL,
    status TEXT NOT NULL CHECK (
        status IN ('INITIATED', 'PENDING', 'UNKNOWN', 'COMPLETED', 'FAILED', 'REFUNDED')
    ),
    reference TEXT,
    failure TEXT,
    shift_pid TEXT REFERENCES shifts (shift_pid),
    refunded_minor INTEGER NOT NULL CHECK (refunded_minor BETWEEN 0 AND amount_minor),
    refunded_tip_minor INTEGER NOT NULL CHECK (refunded_tip_minor BETWEEN 0 AND tip_minor),
    initiated_ms INTEGER NOT NULL,
    completed_ms INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX payments_session ON payments (session_pid);
CREATE INDEX payments_under_way ON payments (initiated_ms)
WHERE status IN ('INITIATED', 'PENDING', 'UNKNOWN');
CREATE TRIGGER payment_transitions BEFORE UPDATE OF status ON payments
WHEN NEW.status <> OLD.status AND NOT (
    OLD.status = 'INITIATED' AND NEW.status IN ('PENDING', 'COMPLETED', 'FAILED', 'UNKNOWN')
    OR OLD.status = 'PENDING' AND NEW.status IN ('COMPLETED', 'FAILED', 'UNKNOWN')
    OR OLD.status = 'UNKNOWN' AND NEW.status IN ('PENDING', 'COMPLETED', 'FAILED')
    OR OLD.status = 'COMPLETED' AND NEW.status = 'REFUNDED'
)
BEGIN SELECT RAISE(ABORT, 'a payment cannot move like that'); END;

CREATE TABLE refunds (
    refund_pid TEXT PRIMARY KEY,
    payment_pid TEXT NOT NULL REFERENCES payments (payment_pid),
    amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
    tip_minor INTEGER NOT NULL CHECK (tip_minor >= 0),
    rounding_minor INTEGER NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    by TEXT,
    approved_by TEXT NOT NULL,
    shift_pid TEXT NOT NULL REFERENCES shifts (shift_pid),
    made_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""


def upgrade() -> None:
    """One column and the new tables."""
    for statement in statements(SCHEMA):
        op.execute(statement)
