"""Play time: sessions, entitlements, stations, balances, guest codes, and the clock they are counted on."""

from alembic import op

from edge.journal.migrations.statements import statements

revision = "0004"
down_revision = "0003"

SCHEMA = """
CREATE TABLE play_sessions (
    session_id TEXT PRIMARY KEY,
    station_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (
        status IN ('AWAITING', 'ACTIVE', 'PAUSED', 'EXPIRED', 'STOPPED', 'ABANDONED')
    ),
    user_id TEXT,
    currency TEXT NOT NULL,
    off_policy TEXT NOT NULL CHECK (off_policy IN ('pause', 'charge')),
    entitled_s INTEGER NOT NULL CHECK (entitled_s >= 0),
    consumed_ms INTEGER NOT NULL CHECK (consumed_ms BETWEEN 0 AND entitled_s * 1000),
    extended_s INTEGER NOT NULL,
    paid_minor INTEGER NOT NULL CHECK (paid_minor >= 0),
    due_minor INTEGER NOT NULL CHECK (due_minor >= 0),
    ordered_ms INTEGER NOT NULL,
    begun_ms INTEGER,
    ends_ms INTEGER,
    ended_ms INTEGER,
    reason TEXT,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX live_play_sessions ON play_sessions (station_id)
WHERE status IN ('AWAITING', 'ACTIVE', 'PAUSED');
CREATE INDEX ended_play_sessions ON play_sessions (ended_ms) WHERE ended_ms IS NOT NULL;
CREATE TRIGGER play_session_transitions BEFORE UPDATE OF status ON play_sessions
WHEN NEW.status <> OLD.status AND NOT (
    OLD.status = 'AWAITING' AND NEW.status IN ('ACTIVE', 'ABANDONED')
    OR OLD.status = 'ACTIVE' AND NEW.status IN ('PAUSED', 'EXPIRED', 'STOPPED')
    OR OLD.status = 'PAUSED' AND NEW.status IN ('ACTIVE', 'STOPPED')
)
BEGIN SELECT RAISE(ABORT, 'a play session cannot move like that'); END;

CREATE TABLE play_entitlements (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES play_sessions (session_id),
    seconds INTEGER NOT NULL CHECK (seconds > 0),
    amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
    method TEXT NOT NULL CHECK (method IN ('CASH', 'CARD', 'BALANCE', 'POSTPAID', 'CODE')),
    tariff TEXT NOT NULL,
    granted INTEGER NOT NULL CHECK (granted IN (0, 1)),
    refund_owed INTEGER NOT NULL CHECK (refund_owed IN (0, 1)),
    CHECK (granted + refund_owed < 2)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER an_entitlement_counts_once BEFORE UPDATE ON play_entitlements
WHEN NEW.granted < OLD.granted OR NEW.refund_owed < OLD.refund_owed
BEGIN SELECT RAISE(ABORT, 'an entitlement is not taken back'); END;

-- The unique index is what keeps two people from one station, whatever the code thinks.
CREATE TABLE play_stations (
    station_id TEXT PRIMARY KEY,
    session_id TEXT UNIQUE,
    maintenance INTEGER NOT NULL CHECK (maintenance IN (0, 1)),
    agent TEXT NOT NULL,
    os TEXT NOT NULL,
    specs TEXT NOT NULL,
    changed_ms INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    user_id TEXT PRIMARY KEY,
    balance_minor INTEGER NOT NULL CHECK (balance_minor >= 0),
    currency TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account_entries (
    user_id TEXT NOT NULL REFERENCES accounts (user_id),
    number INTEGER NOT NULL,
    entry TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    balance_minor INTEGER NOT NULL CHECK (balance_minor >= 0),
    reason TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    PRIMARY KEY (user_id, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX an_entry_counts_once ON account_entries (user_id, entry);

CREATE TABLE play_codes (
    code TEXT PRIMARY KEY,
    seconds INTEGER NOT NULL CHECK (seconds > 0),
    amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
    method TEXT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('issued', 'redeemed')),
    issued_ms INTEGER NOT NULL,
    session_id TEXT,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER play_code_transitions BEFORE UPDATE OF status ON play_codes
WHEN OLD.status = 'redeemed' AND NEW.status <> 'redeemed'
BEGIN SELECT RAISE(ABORT, 'a guest code is played once'); END;

CREATE TABLE play_clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    boot TEXT NOT NULL,
    mono_ns INTEGER NOT NULL,
    wall_ms INTEGER NOT NULL,
    trusted INTEGER NOT NULL CHECK (trusted IN (0, 1)),
    version INTEGER NOT NULL
) STRICT;
"""


def upgrade() -> None:
    """New tables only; nothing that is there changes."""
    for statement in statements(SCHEMA):
        op.execute(statement)
