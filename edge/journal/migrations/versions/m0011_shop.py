"""Designs and orders of the shop, and a bill that they can stand on."""

from alembic import op

from edge.journal.migrations.statements import statements

revision = "0011"
down_revision = "0010"

CHANGES = """CREATE TABLE bill_lines_before AS SELECT * FROM bill_lines;
DROP TABLE bill_lines;
CREATE TABLE bill_lines (
    session_pid TEXT NOT NULL REFERENCES bills (session_pid),
    id TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('order_line', 'play_session', 'shop_order')),
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
INSERT INTO bill_lines SELECT * FROM bill_lines_before;
DROP TABLE bill_lines_before;
CREATE UNIQUE INDEX a_line_is_on_one_bill ON bill_lines (id) WHERE moved_to IS NULL;
-- What guests design at their tables, and what of it they order. Pictures lie beside the journal, as files.
CREATE TABLE table_designs (
    design_id TEXT PRIMARY KEY,
    session_pid TEXT NOT NULL,
    member_pid TEXT NOT NULL,
    product_id TEXT NOT NULL,
    template TEXT NOT NULL,
    parameters TEXT NOT NULL CHECK (json_valid(parameters)),
    picture TEXT,
    status TEXT NOT NULL CHECK (status IN ('draft', 'final')),
    begun_ms INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX designs_with_pictures ON table_designs (picture) WHERE picture IS NOT NULL;
CREATE INDEX designs_of_table ON table_designs (session_pid);
CREATE TRIGGER design_transitions BEFORE UPDATE OF status ON table_designs
WHEN NEW.status <> OLD.status AND NOT (OLD.status = 'draft' AND NEW.status = 'final')
BEGIN SELECT RAISE(ABORT, 'a design cannot move like that'); END;
CREATE TRIGGER final_designs_stay BEFORE UPDATE OF parameters ON table_designs
WHEN OLD.status = 'final' AND NEW.parameters <> OLD.parameters
BEGIN SELECT RAISE(ABORT, 'a design that was handed over stays as it is'); END;

CREATE TABLE table_shop_orders (
    order_id TEXT PRIMARY KEY,
    session_pid TEXT NOT NULL,
    member_pid TEXT NOT NULL,
    guest_name TEXT NOT NULL,
    email TEXT,
    design_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    name TEXT NOT NULL,
    qty INTEGER NOT NULL CHECK (qty > 0),
    unit_minor INTEGER NOT NULL CHECK (unit_minor >= 0),
    tax_rate_bp INTEGER NOT NULL CHECK (tax_rate_bp >= 0),
    tax_inclusive INTEGER NOT NULL CHECK (tax_inclusive IN (0, 1)),
    total_minor INTEGER NOT NULL CHECK (total_minor = qty * unit_minor),
    currency TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('placed', 'paid', 'cancelled')),
    paid_by TEXT CHECK ((paid_by IS NOT NULL) = (status = 'paid')),
    placed_ms INTEGER NOT NULL,
    paid_ms INTEGER,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX shop_orders_of_table ON table_shop_orders (session_pid);
CREATE TRIGGER shop_order_transitions BEFORE UPDATE OF status ON table_shop_orders
WHEN NEW.status <> OLD.status AND NOT (OLD.status = 'placed' AND NEW.status IN ('paid', 'cancelled'))
BEGIN SELECT RAISE(ABORT, 'an order of the shop cannot move like that'); END;
"""


def upgrade() -> None:
    """Bill lines are copied over, because SQLite cannot widen a check."""
    for statement in statements(CHANGES):
        op.execute(statement)
