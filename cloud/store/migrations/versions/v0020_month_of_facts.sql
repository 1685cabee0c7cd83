-- A constant default and a check that is not looked at yet: neither touches a row that is there.
ALTER TABLE facts ADD COLUMN month date NOT NULL DEFAULT 'infinity';
ALTER TABLE facts ADD CONSTRAINT facts_are_live CHECK (month = 'infinity') NOT VALID;

-- How far of a box's log has been put away; its cursor never stands before that.
ALTER TABLE nodes ADD COLUMN sealed_seq bigint NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD CONSTRAINT nodes_sealed CHECK (sealed_seq >= 0 AND sealed_seq <= durable_seq) NOT VALID;
