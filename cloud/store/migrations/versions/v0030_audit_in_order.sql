-- People's changes: so few that everybody waits for a moment only.
CREATE INDEX audit_in_order ON audit (organisation_id, audit_id);
