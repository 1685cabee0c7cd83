"""Commands from the cloud with their outcomes, refund requests, notes for the staff, outage drills."""

from alembic import op

from edge.journal.migrations.statements import statements

revision = "0006"
down_revision = "0005"

SCHEMA = """
-- Commands from the cloud: each once, each with an outcome.
CREATE TABLE command_outcomes (
    command_id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL CHECK (seq > 0),
    kind TEXT NOT NULL,
    by TEXT NOT NULL,
    status TEXT NOT NULL CHECK (
        status IN ('TAKEN', 'HELD', 'DONE', 'REFUSED', 'EXPIRED', 'UNKNOWN')
    ),
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    result TEXT NOT NULL,
    approved_by TEXT,
    taken_ms INTEGER NOT NULL,
    finished_ms INTEGER CHECK ((finished_ms IS NULL) = (status IN ('TAKEN', 'HELD'))),
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX commands_in_order ON command_outcomes (seq);
CREATE INDEX commands_under_way ON command_outcomes (seq) WHERE status IN ('TAKEN', 'HELD');
CREATE TRIGGER command_transitions BEFORE UPDATE OF status ON command_outcomes
WHEN NEW.status <> OLD.status AND NOT (
    OLD.status = 'TAKEN' AND NEW.status IN ('HELD', 'DONE', 'REFUSED', 'EXPIRED', 'UNKNOWN')
    OR OLD.status = 'HELD' AND NEW.status IN ('TAKEN', 'REFUSED', 'EXPIRED')
)
BEGIN SELECT RAISE(ABORT, 'a command has one outcome'); END;

CREATE TABLE refund_requests (
    request_id TEXT PRIMARY KEY,
    about TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
    currency TEXT NOT NULL,
    reason TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'granted', 'declined')),
    requested_by TEXT,
    note TEXT NOT NULL,
    settled_by TEXT,
    requested_ms INTEGER NOT NULL,
    settled_ms INTEGER CHECK ((settled_ms IS NULL) = (status = 'pending')),
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refunds_to_decide ON refund_requests (requested_ms) WHERE status = 'pending';
CREATE TRIGGER refund_request_transitions BEFORE UPDATE OF status ON refund_requests
WHEN NEW.status <> OLD.status AND OLD.status <> 'pending'
BEGIN SELECT RAISE(ABORT, 'a refund request is decided once'); END;

CREATE TABLE notes (
    note_id TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('unread', 'read')),
    left_by TEXT,
    left_ms INTEGER NOT NULL,
    read_by TEXT,
    read_ms INTEGER CHECK ((read_ms IS NULL) = (status = 'unread')),
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX unread_notes ON notes (left_ms) WHERE status = 'unread';
CREATE TRIGGER note_transitions BEFORE UPDATE OF status ON notes
WHEN OLD.status = 'read' AND NEW.status <> 'read'
BEGIN SELECT RAISE(ABORT, 'what was read stays read'); END;

-- Outages on purpose, and how the venue did.
CREATE TABLE drills (
    drill_id TEXT PRIMARY KEY,
    minutes INTEGER NOT NULL CHECK (minutes > 0),
    status TEXT NOT NULL CHECK (status IN ('running', 'catching_up', 'done')),
    begun_by TEXT,
    begun_ms INTEGER NOT NULL,
    ended_ms INTEGER CHECK ((ended_ms IS NULL) = (status = 'running')),
    ending TEXT CHECK (ending IN ('completed', 'stopped', 'interrupted')),
    lasted_s INTEGER,
    unsynced INTEGER,
    findings TEXT NOT NULL,
    drained_ms INTEGER CHECK ((drained_ms IS NULL) = (status <> 'done')),
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX drills_under_way ON drills (begun_ms) WHERE status <> 'done';
CREATE TRIGGER drill_transitions BEFORE UPDATE OF status ON drills
WHEN NEW.status <> OLD.status AND NOT (
    OLD.status = 'running' AND NEW.status = 'catching_up'
    OR OLD.status = 'catching_up' AND NEW.status = 'done'
)
BEGIN SELECT RAISE(ABORT, 'a drill cannot move like that'); END;
"""


def upgrade() -> None:
    """The new tables."""
    for statement in statements(SCHEMA):
        op.execute(statement)
