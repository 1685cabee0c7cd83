-- One menu a brand: its draft, its published versions, and which of them each venue was given.

CREATE TABLE brand_menus (
    brand_id uuid PRIMARY KEY REFERENCES brands,
    organisation_id uuid NOT NULL REFERENCES organisations,
    draft text NOT NULL,
    draft_version bigint NOT NULL,
    published_version bigint NOT NULL DEFAULT 0,
    saved_by text NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE menu_versions (
    brand_id uuid NOT NULL REFERENCES brands,
    version bigint NOT NULL,
    organisation_id uuid NOT NULL REFERENCES organisations,
    body text NOT NULL,
    note text NOT NULL,
    published_by text NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (brand_id, version)
);

CREATE TABLE menu_publications (
    venue_id uuid PRIMARY KEY,
    brand_id uuid NOT NULL,
    version bigint NOT NULL,
    menu_version bigint NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    next_due_at timestamptz
);
CREATE INDEX menu_publications_due ON menu_publications (next_due_at) WHERE next_due_at IS NOT NULL;
