"""Orders that wait for a point of sale: counted calls that may be in doubt, and lines of given-up orders.

A line may now stand in a failed order and in the one that was placed instead, so uniqueness of an item among
orders is a question of their states and no longer an index's.
"""

from alembic import op

from edge.journal.migrations.statements import statements

revision = "0003"
down_revision = "0002"

CHANGES = """
ALTER TABLE orders ADD COLUMN asked INTEGER NOT NULL DEFAULT 0 CHECK (asked >= 0);
ALTER TABLE orders ADD COLUMN in_doubt INTEGER NOT NULL DEFAULT 0
    CHECK (in_doubt = 0 OR (in_doubt = 1 AND status = 'processing' AND asked > 0));
ALTER TABLE orders ADD COLUMN pos_reference TEXT;
CREATE INDEX orders_under_way ON orders (number) WHERE status = 'processing';
CREATE TRIGGER order_numbers_have_no_gaps BEFORE UPDATE OF status ON orders
WHEN NEW.status = 'confirmed' AND OLD.status <> 'confirmed'
    AND NEW.ticket_number IS NOT (SELECT coalesce(max(ticket_number), 0) + 1 FROM orders)
BEGIN SELECT RAISE(ABORT, 'a confirmed order gets the next number'); END;
CREATE TRIGGER only_confirmed_orders_are_numbered BEFORE UPDATE ON orders
WHEN NEW.ticket_number IS NOT NULL AND NEW.status <> 'confirmed'
BEGIN SELECT RAISE(ABORT, 'only a confirmed order has a number'); END;
DROP INDEX an_item_is_ordered_once;
CREATE INDEX order_lines_item ON order_lines (id);
CREATE TRIGGER an_item_is_ordered_once BEFORE INSERT ON order_lines
WHEN EXISTS (
    SELECT 1 FROM order_lines AS other JOIN orders USING (order_id)
    WHERE other.id = NEW.id AND other.order_id <> NEW.order_id AND status IN ('processing', 'confirmed')
)
BEGIN SELECT RAISE(ABORT, 'an item is ordered once'); END;
CREATE TRIGGER a_failed_order_has_its_items BEFORE UPDATE OF status ON orders
WHEN NEW.status = 'processing' AND OLD.status = 'failed' AND EXISTS (
    SELECT 1 FROM order_lines AS own JOIN order_lines AS other USING (id)
    JOIN orders AS holder ON holder.order_id = other.order_id
    WHERE own.order_id = NEW.order_id AND other.order_id <> NEW.order_id
        AND holder.status IN ('processing', 'confirmed')
)
BEGIN SELECT RAISE(ABORT, 'its items belong to another order by now'); END;
"""


def upgrade() -> None:
    """Columns with what every order so far has, then the guards."""
    for statement in statements(CHANGES):
        op.execute(statement)
