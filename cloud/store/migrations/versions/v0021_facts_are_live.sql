-- Reads everything, and keeps nobody from writing meanwhile.
ALTER TABLE facts VALIDATE CONSTRAINT facts_are_live;
ALTER TABLE nodes VALIDATE CONSTRAINT nodes_sealed;
