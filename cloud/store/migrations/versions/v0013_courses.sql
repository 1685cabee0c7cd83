-- Tickets of later courses, which are held until somebody fires them.

ALTER TABLE tickets ADD COLUMN course text NOT NULL DEFAULT '';
ALTER TABLE tickets DROP CONSTRAINT tickets_state_check;
ALTER TABLE tickets ADD CONSTRAINT tickets_state_check CHECK (state IN (
    'held', 'fired', 'received', 'accepted', 'preparing', 'ready', 'served', 'recalled', 'rejected'
));
DROP TRIGGER tickets_unreachable ON tickets;
CREATE TRIGGER tickets_unreachable BEFORE UPDATE ON tickets FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND (
        OLD.state = 'rejected'
        OR NEW.state = 'held'
        OR (NEW.state = 'fired' AND OLD.state <> 'held')
        OR (NEW.state = 'received' AND OLD.state NOT IN ('held', 'fired'))
        OR (NEW.state = 'accepted' AND OLD.state NOT IN ('held', 'fired', 'received'))
    ))
    EXECUTE FUNCTION refuse_unreachable('a ticket', 'a state that lies behind it');
