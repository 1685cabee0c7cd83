CREATE TABLE play_sessions (
    venue_id uuid NOT NULL,
    session_id text NOT NULL,
    station_id text NOT NULL,
    status text NOT NULL CHECK (status IN (
        'AWAITING', 'ACTIVE', 'PAUSED', 'EXPIRED', 'STOPPED', 'ABANDONED'
    )),
    user_id text,
    currency text NOT NULL,
    off_policy text NOT NULL,
    entitled_s bigint NOT NULL,
    consumed_ms bigint NOT NULL,
    extended_s bigint NOT NULL,
    paid_minor bigint NOT NULL,
    due_minor bigint NOT NULL,
    ordered_ms bigint NOT NULL,
    begun_ms bigint,
    ends_ms bigint,
    ended_ms bigint,
    reason text,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, session_id)
);
CREATE INDEX play_sessions_running ON play_sessions (venue_id) WHERE status IN ('ACTIVE', 'PAUSED');

CREATE TABLE play_entitlements (
    venue_id uuid NOT NULL,
    id text NOT NULL,
    session_id text NOT NULL,
    seconds bigint NOT NULL,
    amount_minor bigint NOT NULL,
    method text NOT NULL,
    tariff text NOT NULL,
    granted boolean NOT NULL,
    refund_owed boolean NOT NULL,
    PRIMARY KEY (venue_id, id)
);

CREATE TABLE play_stations (
    venue_id uuid NOT NULL,
    station_id text NOT NULL,
    session_id text,
    maintenance boolean NOT NULL,
    agent text NOT NULL,
    os text NOT NULL,
    specs text NOT NULL,
    changed_ms bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, station_id)
);

CREATE TABLE accounts (
    venue_id uuid NOT NULL,
    user_id text NOT NULL,
    balance_minor bigint NOT NULL CHECK (balance_minor >= 0),
    currency text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, user_id)
);

CREATE TABLE account_entries (
    venue_id uuid NOT NULL,
    user_id text NOT NULL,
    number bigint NOT NULL,
    entry text NOT NULL,
    amount_minor bigint NOT NULL,
    balance_minor bigint NOT NULL,
    reason text NOT NULL,
    made_ms bigint NOT NULL,
    PRIMARY KEY (venue_id, user_id, number)
);

CREATE TABLE play_codes (
    venue_id uuid NOT NULL,
    code text NOT NULL,
    seconds bigint NOT NULL,
    amount_minor bigint NOT NULL,
    method text NOT NULL,
    currency text NOT NULL,
    status text NOT NULL CHECK (status IN ('issued', 'redeemed')),
    issued_ms bigint NOT NULL,
    session_id text,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, code)
);

CREATE TABLE play_clock (
    venue_id uuid NOT NULL,
    id bigint NOT NULL,
    boot text NOT NULL,
    mono_ns bigint NOT NULL,
    wall_ms bigint NOT NULL,
    trusted boolean NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, id)
);

CREATE TRIGGER play_sessions_unreachable BEFORE UPDATE ON play_sessions FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND (
        OLD.status IN ('EXPIRED', 'STOPPED', 'ABANDONED')
        OR NEW.status = 'AWAITING'
        OR (NEW.status = 'ABANDONED' AND OLD.status <> 'AWAITING')
    ))
    EXECUTE FUNCTION refuse_unreachable('a play session', 'a state that lies behind it');

CREATE TRIGGER play_codes_final BEFORE UPDATE ON play_codes FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND OLD.status = 'redeemed')
    EXECUTE FUNCTION refuse_unreachable('a redeemed guest code', 'issued');

CREATE TRIGGER play_sessions_version BEFORE UPDATE ON play_sessions FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();
CREATE TRIGGER play_stations_version BEFORE UPDATE ON play_stations FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();
CREATE TRIGGER accounts_version BEFORE UPDATE ON accounts FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();
CREATE TRIGGER play_codes_version BEFORE UPDATE ON play_codes FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();
CREATE TRIGGER play_clock_version BEFORE UPDATE ON play_clock FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();
