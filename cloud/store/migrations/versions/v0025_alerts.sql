-- How an organisation wants to be told. Quiet hours are local to the venue an alert is about.
CREATE TABLE alert_settings (
    organisation_id uuid PRIMARY KEY,
    silent_after_s integer NOT NULL DEFAULT 600 CHECK (silent_after_s BETWEEN 60 AND 86400),
    quiet_from time,
    quiet_until time,
    summary_at time NOT NULL DEFAULT '06:00',
    webhook_url text,
    webhook_key text,
    CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
    CHECK ((webhook_url IS NULL) = (webhook_key IS NULL))
);

-- Who is told of what: kinds of alerts, and the nightly summary.
CREATE TABLE alert_recipients (
    organisation_id uuid NOT NULL,
    email text NOT NULL,
    kinds text[] NOT NULL,
    summaries boolean NOT NULL,
    PRIMARY KEY (organisation_id, email)
);

-- What was wrong, from when to when, and when people were told of either. While one of a kind and subject
-- is not over there is no second one; `clear_since` is from when it has looked well, before that is believed.
CREATE TABLE alerts (
    organisation_id uuid NOT NULL,
    alert_id uuid NOT NULL,
    kind text NOT NULL,
    venue uuid,
    subject text NOT NULL,
    words text NOT NULL,
    began_at timestamptz NOT NULL DEFAULT now(),
    told_at timestamptz,
    clear_since timestamptz,
    over_at timestamptz,
    over_told_at timestamptz,
    PRIMARY KEY (organisation_id, alert_id)
);
CREATE UNIQUE INDEX alerts_open ON alerts (organisation_id, kind, subject) WHERE over_at IS NULL;
CREATE INDEX alerts_untold ON alerts (organisation_id) WHERE told_at IS NULL OR over_told_at IS NULL;
CREATE INDEX alerts_by_age ON alerts (organisation_id, began_at);

-- Which business days of a venue have been told of.
CREATE TABLE summaries (
    venue_id uuid NOT NULL,
    day date NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (venue_id, day)
);
