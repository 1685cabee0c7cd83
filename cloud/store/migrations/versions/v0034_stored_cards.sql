-- Cards that a venue's terminal took while nothing could be asked, and what of them it has not sent, in one row.
CREATE TABLE stored_cards (
    venue_id uuid NOT NULL,
    payment_pid text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    over_limits text NOT NULL,
    reason text NOT NULL,
    approved_by text NOT NULL,
    stored_by text,
    stored_ms bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('unsent', 'sent', 'declined')),
    note text NOT NULL,
    settled_by text,
    settled_ms bigint,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, payment_pid)
);
CREATE INDEX stored_cards_unsent ON stored_cards (venue_id, stored_ms) WHERE status = 'unsent';
CREATE INDEX stored_cards_declined ON stored_cards (venue_id, payment_pid) WHERE status = 'declined';
CREATE TRIGGER stored_cards_final BEFORE UPDATE ON stored_cards FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND OLD.status <> 'unsent')
    EXECUTE FUNCTION refuse_unreachable('a stored card that has its end', 'another');
CREATE TRIGGER stored_cards_version BEFORE UPDATE ON stored_cards FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();

CREATE TABLE terminals (
    venue_id uuid NOT NULL,
    id bigint NOT NULL,
    unsent bigint NOT NULL,
    unsent_minor bigint NOT NULL,
    most_unsent_minor bigint NOT NULL,
    cut_off_s bigint NOT NULL,
    changed_ms bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, id)
);
CREATE TRIGGER terminals_version BEFORE UPDATE ON terminals FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();
