-- Releases for boxes, as their makers signed them; `machine` is a processor, or `any`. Where `source` is empty
-- the files are in the blob store by their digests.
CREATE TABLE releases (
    version text NOT NULL,
    machine text NOT NULL,
    manifest text NOT NULL,
    signature text NOT NULL,
    source text NOT NULL DEFAULT '',
    size_bytes bigint NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (version, machine)
);

-- For whom a release is open. Halted in one ring it is offered to nobody.
CREATE TABLE release_rings (
    version text NOT NULL,
    ring text NOT NULL CHECK (ring IN ('first', 'some', 'all')),
    opened_at timestamptz NOT NULL DEFAULT now(),
    halted_at timestamptz,
    reason text NOT NULL DEFAULT '',
    PRIMARY KEY (version, ring)
);

-- Where the box of a venue stands, as it told last. `version` is another release than the one that runs.
CREATE TABLE box_releases (
    venue_id uuid PRIMARY KEY,
    ring text NOT NULL DEFAULT 'all' CHECK (ring IN ('first', 'some', 'all')),
    running text NOT NULL DEFAULT '',
    machine text NOT NULL DEFAULT '',
    version text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT '',
    reason text NOT NULL DEFAULT '',
    told_at timestamptz
);

-- What became of a release at a venue.
CREATE TABLE release_trials (
    venue_id uuid NOT NULL,
    version text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL DEFAULT '',
    began_at timestamptz NOT NULL DEFAULT now(),
    told_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (venue_id, version)
);
CREATE INDEX release_trials_by_version ON release_trials (version, state);
