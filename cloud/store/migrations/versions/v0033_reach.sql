-- Ids of the brands and venues that a role is bound to; null for the whole organisation. Owners own everything.
ALTER TABLE users ADD COLUMN reach uuid[];
ALTER TABLE users ADD CONSTRAINT users_reach CHECK (reach IS NULL OR (role <> 'owner' AND cardinality(reach) > 0)) NOT VALID;
ALTER TABLE invitations ADD COLUMN reach uuid[];
ALTER TABLE invitations ADD CONSTRAINT invitations_reach
    CHECK (reach IS NULL OR (role <> 'owner' AND cardinality(reach) > 0)) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT users_reach;
ALTER TABLE invitations VALIDATE CONSTRAINT invitations_reach;
