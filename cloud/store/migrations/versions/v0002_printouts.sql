CREATE TABLE printouts (
    venue_id uuid NOT NULL,
    job text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL CHECK (state IN ('asked', 'sending', 'printed', 'dropped')),
    printer text,
    attempts bigint NOT NULL,
    asked_ms bigint NOT NULL,
    changed_ms bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, job)
);

CREATE TRIGGER printouts_unreachable BEFORE UPDATE ON printouts FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND (OLD.state IN ('printed', 'dropped') OR NEW.state = 'asked'))
    EXECUTE FUNCTION refuse_unreachable('a printout', 'a state that lies behind it');
CREATE TRIGGER printouts_version BEFORE UPDATE ON printouts FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();
