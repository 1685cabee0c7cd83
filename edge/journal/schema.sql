-- The present truth of the box's database. A test proves that it equals the sum of the migrations.
--
-- `journal` is the truth; `box` and `link` say whose it is and how much of it the cloud has; every other
-- table is folded from the journal by protocol/facts and can be rebuilt from it. Triggers repeat the
-- transition tables of protocol/facts, so that neither a bug nor hand-typed SQL makes an impossible state.

CREATE TABLE box (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    node_id TEXT NOT NULL,
    log_id TEXT NOT NULL,
    venue_id TEXT,
    epoch INTEGER NOT NULL,
    cloud_url TEXT,
    -- The epoch of the box that has this one's place; it must not sell any more.
    fenced INTEGER
) STRICT;

-- Where the log of a box that took another's place began; the floor rises later, this never changes. With it
-- the box proves to the other one that it is in charge.
CREATE TABLE charge (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    base_seq INTEGER NOT NULL CHECK (base_seq > 0),
    base_hash BLOB NOT NULL CHECK (length(base_hash) = 32)
) STRICT;

-- Where this box's own log begins. Facts at and below the floor were carried over from the box before and
-- may have holes, but no fact above refers to one; the numbers are the highest that were given out by then.
CREATE TABLE floor (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL CHECK (seq >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    item_id INTEGER NOT NULL,
    order_number INTEGER NOT NULL,
    ticket_number INTEGER NOT NULL,
    receipt_number INTEGER NOT NULL,
    z_number INTEGER NOT NULL
) STRICT;

-- Stock at the floor: each level as it was after the fact `seq`, because not every fact before is here.
CREATE TABLE levels (
    menu_item INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    qty INTEGER,
    taken_off INTEGER NOT NULL CHECK (taken_off IN (0, 1)),
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE link (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    acked_seq INTEGER NOT NULL,
    acked_hash BLOB NOT NULL,
    acked_ms INTEGER,
    incarnation TEXT NOT NULL
) STRICT;

-- An aggregate's facts are a chain: `previous` is the seq of the fact before, `heads` knows the last one. An
-- index over (aggregate, version) would dirty a page for every table of the venue in every commit; these
-- structures grow at their right edge only. Nothing can fork the chain or leave a hole in it.
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    aggregate TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    previous INTEGER NOT NULL CHECK ((previous = 0) = (version = 1)),
    mid TEXT,
    record TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE UNIQUE INDEX a_fact_is_followed_once ON journal (previous) WHERE previous > 0;
CREATE UNIQUE INDEX a_mid_is_used_once ON journal (mid, aggregate) WHERE mid IS NOT NULL;
CREATE TRIGGER journal_continues BEFORE INSERT ON journal
WHEN NEW.previous > 0 AND NOT EXISTS (
    SELECT 1 FROM journal
    WHERE seq = NEW.previous AND aggregate = NEW.aggregate AND version = NEW.version - 1
) AND NEW.seq > coalesce((SELECT seq FROM floor), 0)
BEGIN SELECT RAISE(ABORT, 'a fact follows the one before it'); END;
CREATE TRIGGER journal_is_append_only BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'a fact never changes'); END;

CREATE TABLE heads (
    aggregate TEXT PRIMARY KEY,
    seq INTEGER NOT NULL REFERENCES journal (seq),
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER heads_move_on BEFORE UPDATE ON heads
WHEN NEW.version <= OLD.version OR NEW.seq <= OLD.seq
BEGIN SELECT RAISE(ABORT, 'an aggregate never goes back'); END;

CREATE TABLE menus (
    menu_version INTEGER PRIMARY KEY,
    body TEXT NOT NULL,
    adopted_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE menu_items (
    menu_version INTEGER NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    price_minor INTEGER NOT NULL,
    station TEXT NOT NULL,
    PRIMARY KEY (menu_version, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE venue_configs (
    version INTEGER PRIMARY KEY,
    body TEXT NOT NULL,
    adopted_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE table_sessions (
    session_pid TEXT PRIMARY KEY,
    table_code TEXT NOT NULL,
    table_name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'closed')),
    pass_validated INTEGER NOT NULL CHECK (pass_validated IN (0, 1)),
    opened_ms INTEGER NOT NULL,
    closed_ms INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX one_open_session_a_table ON table_sessions (table_code) WHERE status = 'open';
CREATE TRIGGER table_session_transitions BEFORE UPDATE OF status ON table_sessions
WHEN OLD.status = 'closed' AND NEW.status <> 'closed'
BEGIN SELECT RAISE(ABORT, 'a closed table session stays closed'); END;

CREATE TABLE table_members (
    session_pid TEXT NOT NULL REFERENCES table_sessions (session_pid),
    member_pid TEXT NOT NULL,
    name TEXT NOT NULL,
    host INTEGER NOT NULL CHECK (host IN (0, 1)),
    joined_ms INTEGER NOT NULL,
    left_ms INTEGER,
    PRIMARY KEY (session_pid, member_pid)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_host_a_table ON table_members (session_pid) WHERE host = 1;

CREATE TABLE carts (
    session_pid TEXT PRIMARY KEY REFERENCES table_sessions (session_pid),
    version INTEGER NOT NULL,
    pending_order_id TEXT,
    locked_by TEXT,
    updated_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cart_items (
    id INTEGER PRIMARY KEY,
    session_pid TEXT NOT NULL,
    menu_item INTEGER NOT NULL,
    name TEXT NOT NULL,
    qty INTEGER NOT NULL CHECK (qty > 0),
    member TEXT NOT NULL,
    price_minor INTEGER NOT NULL,
    menu_version INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    state TEXT NOT NULL CHECK (state IN ('pending', 'locked', 'ordered', 'removed')),
    note TEXT NOT NULL,
    modifiers TEXT NOT NULL,
    takeaway INTEGER NOT NULL DEFAULT 0 CHECK (takeaway IN (0, 1)),
    choices TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX cart_items_session ON cart_items (session_pid);
CREATE TRIGGER cart_item_transitions BEFORE UPDATE OF state ON cart_items
WHEN NEW.state <> OLD.state AND NOT (
    OLD.state = 'pending' AND NEW.state IN ('locked', 'removed')
    OR OLD.state = 'locked' AND NEW.state IN ('ordered', 'pending')
)
BEGIN SELECT RAISE(ABORT, 'a cart item cannot move like that'); END;
CREATE TRIGGER cart_item_versions BEFORE UPDATE OF version ON cart_items
WHEN NEW.version < OLD.version
BEGIN SELECT RAISE(ABORT, 'a cart item never goes back to an older version'); END;

CREATE TABLE orders (
    order_id TEXT PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    session_pid TEXT NOT NULL REFERENCES table_sessions (session_pid),
    table_name TEXT NOT NULL,
    member TEXT NOT NULL,
    cart_hash TEXT NOT NULL,
    total_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    special_instructions TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('processing', 'confirmed', 'failed', 'abandoned')),
    ticket TEXT,
    ticket_number INTEGER UNIQUE,
    attempts INTEGER NOT NULL,
    failure TEXT,
    placed_ms INTEGER NOT NULL,
    version INTEGER NOT NULL,
    asked INTEGER NOT NULL DEFAULT 0 CHECK (asked >= 0),
    in_doubt INTEGER NOT NULL DEFAULT 0
        CHECK (in_doubt = 0 OR (in_doubt = 1 AND status = 'processing' AND asked > 0)),
    pos_reference TEXT
) STRICT;
CREATE INDEX orders_session ON orders (session_pid, number);
CREATE INDEX orders_under_way ON orders (number) WHERE status = 'processing';
CREATE TRIGGER order_transitions BEFORE UPDATE OF status ON orders
WHEN NEW.status <> OLD.status AND NOT (
    OLD.status = 'processing' AND NEW.status IN ('confirmed', 'failed')
    OR OLD.status = 'failed' AND NEW.status IN ('processing', 'abandoned')
)
BEGIN SELECT RAISE(ABORT, 'an order cannot move like that'); END;
-- Order ids keep their holes where orders were abandoned; the numbers of confirmed orders have none.
CREATE TRIGGER order_numbers_have_no_gaps BEFORE UPDATE OF status ON orders
WHEN NEW.status = 'confirmed' AND OLD.status <> 'confirmed'
    AND NEW.ticket_number IS NOT (
        SELECT max(coalesce(max(ticket_number), 0), coalesce((SELECT ticket_number FROM floor), 0)) + 1
        FROM orders
    )
    AND coalesce(NEW.ticket_number > coalesce((SELECT ticket_number FROM floor), 0), 1)
BEGIN SELECT RAISE(ABORT, 'a confirmed order gets the next number'); END;
CREATE TRIGGER only_confirmed_orders_are_numbered BEFORE UPDATE ON orders
WHEN NEW.ticket_number IS NOT NULL AND NEW.status <> 'confirmed'
BEGIN SELECT RAISE(ABORT, 'only a confirmed order has a number'); END;

CREATE TABLE order_lines (
    order_id TEXT NOT NULL REFERENCES orders (order_id),
    id INTEGER NOT NULL,
    menu_item INTEGER NOT NULL,
    name TEXT NOT NULL,
    qty INTEGER NOT NULL CHECK (qty > 0),
    price_minor INTEGER NOT NULL,
    menu_version INTEGER NOT NULL,
    tax_rate_bp INTEGER NOT NULL,
    member TEXT NOT NULL,
    station TEXT NOT NULL,
    note TEXT NOT NULL,
    modifiers TEXT NOT NULL,
    takeaway INTEGER NOT NULL DEFAULT 0 CHECK (takeaway IN (0, 1)),
    parts TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (order_id, id)
) STRICT, WITHOUT ROWID;
-- A line may stand in a failed order and in the one that was placed instead; in one that counts, only once.
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

CREATE TABLE tickets (
    ticket TEXT NOT NULL,
    station TEXT NOT NULL,
    order_id TEXT NOT NULL REFERENCES orders (order_id),
    session_pid TEXT NOT NULL,
    table_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN (
            'held', 'fired', 'received', 'accepted', 'preparing', 'ready', 'served', 'recalled', 'rejected'
        )
    ),
    placed_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    version INTEGER NOT NULL,
    course TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (ticket, station)
) STRICT, WITHOUT ROWID;
CREATE INDEX open_tickets ON tickets (CAST(substr(ticket, 3) AS INTEGER))
    WHERE state NOT IN ('served', 'rejected');
CREATE TRIGGER ticket_transitions BEFORE UPDATE OF state ON tickets
WHEN NEW.state <> OLD.state AND NOT (
    OLD.state = 'held' AND NEW.state IN ('fired', 'rejected')
    OR OLD.state = 'fired' AND NEW.state IN ('received', 'accepted', 'preparing', 'rejected')
    OR OLD.state = 'received' AND NEW.state IN ('accepted', 'preparing', 'ready', 'rejected')
    OR OLD.state = 'accepted' AND NEW.state IN ('preparing', 'ready', 'rejected')
    OR OLD.state = 'preparing' AND NEW.state IN ('ready', 'rejected')
    OR OLD.state = 'ready' AND NEW.state IN ('served', 'recalled')
    OR OLD.state = 'served' AND NEW.state = 'recalled'
    OR OLD.state = 'recalled' AND NEW.state IN ('preparing', 'ready')
)
BEGIN SELECT RAISE(ABORT, 'a ticket cannot move like that'); END;

CREATE TABLE stock (
    menu_item INTEGER PRIMARY KEY,
    qty INTEGER,
    taken_off INTEGER NOT NULL CHECK (taken_off IN (0, 1)),
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE printouts (
    job TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'sending', 'printed', 'dropped')),
    printer TEXT,
    attempts INTEGER NOT NULL,
    asked_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX open_printouts ON printouts (asked_ms) WHERE state IN ('asked', 'sending');
CREATE TRIGGER printout_transitions BEFORE UPDATE OF state ON printouts
WHEN NEW.state <> OLD.state AND NOT (
    OLD.state = 'asked' AND NEW.state IN ('sending', 'dropped')
    OR OLD.state = 'sending' AND NEW.state IN ('printed', 'dropped')
)
BEGIN SELECT RAISE(ABORT, 'a printout cannot move like that'); END;

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

CREATE TABLE venue_credits (
    entry TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    cap_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    given_by TEXT,
    given_ms INTEGER NOT NULL,
    collected_minor INTEGER NOT NULL CHECK (collected_minor >= 0),
    written_off_minor INTEGER NOT NULL CHECK (written_off_minor >= 0),
    status TEXT NOT NULL CHECK (status IN ('open', 'collected', 'written_off')),
    note TEXT NOT NULL,
    settled_by TEXT,
    settled_ms INTEGER CHECK ((settled_ms IS NULL) = (status = 'open')),
    version INTEGER NOT NULL,
    CHECK (collected_minor + written_off_minor <= amount_minor)
) STRICT, WITHOUT ROWID;
CREATE INDEX venue_credits_open ON venue_credits (given_ms) WHERE status = 'open';
CREATE TRIGGER venue_credit_transitions BEFORE UPDATE OF status ON venue_credits
WHEN NEW.status <> OLD.status AND OLD.status <> 'open'
BEGIN SELECT RAISE(ABORT, 'a credit is settled once'); END;

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
WHEN NEW.number <> (
        SELECT max(coalesce(max(number), 0), coalesce((SELECT receipt_number FROM floor), 0)) + 1
        FROM receipts
    )
    AND NEW.number > coalesce((SELECT receipt_number FROM floor), 0)
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
WHEN OLD.z_number IS NULL AND NEW.z_number <> (
        SELECT max(coalesce(max(z_number), 0), coalesce((SELECT z_number FROM floor), 0)) + 1 FROM shifts
    )
    AND NEW.z_number > coalesce((SELECT z_number FROM floor), 0)
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
-- Plugs, routers and printers in service, and those that were. A station is switched by one plug.
CREATE TABLE devices (
    device_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('plug', 'router', 'printer')),
    dialect TEXT NOT NULL,
    model TEXT NOT NULL,
    firmware TEXT NOT NULL,
    mac TEXT NOT NULL,
    name TEXT NOT NULL,
    station_id TEXT UNIQUE,
    serves TEXT NOT NULL CHECK (json_valid(serves)),
    state TEXT NOT NULL CHECK (state IN ('adopted', 'released')),
    changed_ms INTEGER NOT NULL,
    version INTEGER NOT NULL,
    CHECK (state = 'adopted' OR station_id IS NULL)
) STRICT, WITHOUT ROWID;
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

-- Cards that the terminal took while nothing could be asked, and what of them it has not sent, in one row.
CREATE TABLE stored_cards (
    payment_pid TEXT PRIMARY KEY REFERENCES payments (payment_pid),
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    over_limits TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (over_limits = '' OR reason <> ''),
    approved_by TEXT NOT NULL CHECK (over_limits = '' OR approved_by <> ''),
    stored_by TEXT,
    stored_ms INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('unsent', 'sent', 'declined')),
    note TEXT NOT NULL,
    settled_by TEXT,
    settled_ms INTEGER CHECK ((settled_ms IS NULL) = (status = 'unsent')),
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX unsent_cards ON stored_cards (stored_ms) WHERE status = 'unsent';
CREATE TRIGGER stored_card_transitions BEFORE UPDATE OF status ON stored_cards
WHEN NEW.status <> OLD.status AND OLD.status <> 'unsent'
BEGIN SELECT RAISE(ABORT, 'a stored card has one end'); END;

CREATE TABLE terminals (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    unsent INTEGER NOT NULL CHECK (unsent >= 0),
    unsent_minor INTEGER NOT NULL CHECK ((unsent_minor > 0) = (unsent > 0)),
    most_unsent_minor INTEGER NOT NULL CHECK (most_unsent_minor >= 0),
    cut_off_s INTEGER NOT NULL CHECK (cut_off_s >= 0),
    changed_ms INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

-- Bookings of stations. The trigger is what keeps two from one slot, whatever the code thinks.
CREATE TABLE bookings (
    booking_id TEXT PRIMARY KEY,
    station_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('HELD', 'CONFIRMED', 'CHECKED_IN', 'CANCELLED', 'NO_SHOW')),
    zone TEXT NOT NULL,
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    note TEXT NOT NULL,
    party INTEGER NOT NULL CHECK (party > 0),
    starts_ms INTEGER NOT NULL,
    ends_ms INTEGER NOT NULL CHECK (ends_ms > starts_ms),
    currency TEXT NOT NULL,
    deposit_minor INTEGER NOT NULL CHECK (deposit_minor >= 0),
    deposit TEXT NOT NULL CHECK (deposit IN ('', 'due', 'paid', 'used', 'forfeited', 'owed', 'returned')),
    deposit_pid TEXT,
    deposit_method TEXT NOT NULL,
    free_until_ms INTEGER NOT NULL,
    user_id TEXT,
    session_id TEXT CHECK ((session_id IS NOT NULL) = (status = 'CHECKED_IN')),
    reason TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    made_by TEXT,
    settled_ms INTEGER CHECK ((settled_ms IS NULL) = (status IN ('HELD', 'CONFIRMED'))),
    version INTEGER NOT NULL,
    CHECK ((deposit = '') = (deposit_minor = 0))
) STRICT, WITHOUT ROWID;
CREATE INDEX bookings_standing ON bookings (station_id, starts_ms) WHERE status IN ('HELD', 'CONFIRMED');
CREATE INDEX bookings_by_start ON bookings (starts_ms);
CREATE INDEX bookings_deposits ON bookings (deposit) WHERE deposit IN ('paid', 'owed');
CREATE TRIGGER booking_transitions BEFORE UPDATE OF status ON bookings
WHEN NEW.status <> OLD.status AND NOT (
    OLD.status = 'HELD' AND NEW.status IN ('CONFIRMED', 'CHECKED_IN', 'CANCELLED', 'NO_SHOW')
    OR OLD.status = 'CONFIRMED' AND NEW.status IN ('CHECKED_IN', 'CANCELLED', 'NO_SHOW')
    OR OLD.status = 'CHECKED_IN' AND NEW.status IN ('CONFIRMED', 'CANCELLED')
)
BEGIN SELECT RAISE(ABORT, 'a booking cannot move like that'); END;
CREATE TRIGGER deposit_transitions BEFORE UPDATE OF deposit ON bookings
WHEN NEW.deposit <> OLD.deposit AND NOT (
    OLD.deposit = 'due' AND NEW.deposit IN ('paid', 'owed')
    OR OLD.deposit = 'paid' AND NEW.deposit IN ('used', 'forfeited', 'owed', 'returned')
    OR OLD.deposit = 'owed' AND NEW.deposit = 'returned'
)
BEGIN SELECT RAISE(ABORT, 'a deposit cannot move like that'); END;
CREATE TRIGGER a_slot_is_booked_once BEFORE INSERT ON bookings
WHEN NEW.status IN ('HELD', 'CONFIRMED') AND EXISTS (
    SELECT 1 FROM bookings
    WHERE station_id = NEW.station_id AND status IN ('HELD', 'CONFIRMED')
        AND starts_ms < NEW.ends_ms AND ends_ms > NEW.starts_ms AND booking_id <> NEW.booking_id
)
BEGIN SELECT RAISE(ABORT, 'a slot is booked once'); END;
