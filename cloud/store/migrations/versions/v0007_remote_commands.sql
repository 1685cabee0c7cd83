-- Commands to venues with their outcomes, refund requests, notes for the staff, outage drills.
-- What became of commands on the box.
CREATE TABLE command_outcomes (
    venue_id uuid NOT NULL,
    command_id text NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    by text NOT NULL,
    status text NOT NULL CHECK (
        status IN ('TAKEN', 'HELD', 'DONE', 'REFUSED', 'EXPIRED', 'UNKNOWN')
    ),
    code text NOT NULL,
    message text NOT NULL,
    result text NOT NULL,
    approved_by text,
    taken_ms bigint NOT NULL,
    finished_ms bigint,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, command_id)
);
CREATE INDEX command_outcomes_open ON command_outcomes (venue_id) WHERE status IN ('TAKEN', 'HELD', 'UNKNOWN');

CREATE TABLE refund_requests (
    venue_id uuid NOT NULL,
    request_id text NOT NULL,
    about text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    reason text NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'granted', 'declined')),
    requested_by text,
    note text NOT NULL,
    settled_by text,
    requested_ms bigint NOT NULL,
    settled_ms bigint,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, request_id)
);
CREATE INDEX refund_requests_open ON refund_requests (venue_id, requested_ms) WHERE status = 'pending';

CREATE TABLE notes (
    venue_id uuid NOT NULL,
    note_id text NOT NULL,
    text text NOT NULL,
    status text NOT NULL CHECK (status IN ('unread', 'read')),
    left_by text,
    left_ms bigint NOT NULL,
    read_by text,
    read_ms bigint,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, note_id)
);

CREATE TABLE drills (
    venue_id uuid NOT NULL,
    drill_id text NOT NULL,
    minutes bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('running', 'catching_up', 'done')),
    begun_by text,
    begun_ms bigint NOT NULL,
    ended_ms bigint,
    ending text,
    lasted_s bigint,
    unsynced bigint,
    findings text NOT NULL,
    drained_ms bigint,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, drill_id)
);
CREATE INDEX drills_by_day ON drills (venue_id, begun_ms);

-- What people asked of a venue from here. What became of it is in command_outcomes, once the box has said so.
CREATE TABLE instructions (
    venue_id uuid NOT NULL,
    command_id text NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    by text NOT NULL,
    ask text NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (venue_id, command_id)
);
CREATE UNIQUE INDEX instructions_in_order ON instructions (venue_id, seq);

CREATE TRIGGER command_outcomes_final BEFORE UPDATE ON command_outcomes FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND OLD.status NOT IN ('TAKEN', 'HELD'))
    EXECUTE FUNCTION refuse_unreachable('a command that has its outcome', 'another');
CREATE TRIGGER refund_requests_final BEFORE UPDATE ON refund_requests FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND OLD.status <> 'pending')
    EXECUTE FUNCTION refuse_unreachable('a refund request that is decided', 'another');
CREATE TRIGGER notes_final BEFORE UPDATE ON notes FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND OLD.status = 'read')
    EXECUTE FUNCTION refuse_unreachable('a note that was read', 'unread');
CREATE TRIGGER drills_final BEFORE UPDATE ON drills FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND (OLD.status = 'done' OR NEW.status = 'running'))
    EXECUTE FUNCTION refuse_unreachable('a drill', 'a state that lies behind it');

CREATE TRIGGER command_outcomes_version BEFORE UPDATE ON command_outcomes FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();
CREATE TRIGGER refund_requests_version BEFORE UPDATE ON refund_requests FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();
CREATE TRIGGER notes_version BEFORE UPDATE ON notes FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();
CREATE TRIGGER drills_version BEFORE UPDATE ON drills FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();
