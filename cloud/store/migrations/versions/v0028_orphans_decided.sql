-- What was decided about an item: money that only a replaced box knew of is accepted or written off.
ALTER TABLE settled_items ADD COLUMN decision text NOT NULL DEFAULT 'noted'
    CHECK (decision IN ('noted', 'accepted', 'written_off'));
