-- Ids of the brands and venues that a token is bound to; null for the whole organisation.
ALTER TABLE api_tokens ADD COLUMN reach uuid[];
ALTER TABLE api_tokens ADD CONSTRAINT api_tokens_reach CHECK (reach IS NULL OR cardinality(reach) > 0) NOT VALID;
ALTER TABLE api_tokens VALIDATE CONSTRAINT api_tokens_reach;

-- The bounds of whoever caused a job or a mail, as the wall knows them; null for the organisation and for the cloud's own work.
ALTER TABLE jobs ADD COLUMN reach uuid[] DEFAULT nullif(current_setting('holdfast.reach', true), '')::uuid[];
ALTER TABLE mails ADD COLUMN reach uuid[] DEFAULT nullif(current_setting('holdfast.reach', true), '')::uuid[];
