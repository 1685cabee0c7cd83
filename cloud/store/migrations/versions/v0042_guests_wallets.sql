-- Whose wallet it is, by the address that they are written to, and the links in those mails.
ALTER TABLE wallets ADD COLUMN email text;
CREATE INDEX wallets_by_email ON wallets (organisation_id, email) WHERE email IS NOT NULL;
CREATE TABLE wallet_links (
    organisation_id uuid NOT NULL,
    token_digest text NOT NULL UNIQUE,
    wallet_id text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, token_digest)
);
