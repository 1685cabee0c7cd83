-- Those who left any of the first kinds out have chosen, and are asked on the page.
UPDATE alert_recipients SET kinds = ARRAY(
    SELECT DISTINCT kind FROM unnest(kinds || ARRAY['cards', 'health', 'releases']) AS kind ORDER BY kind
)
WHERE kinds @> ARRAY['jobs', 'orphans', 'printer', 'quarantine', 'silent'];
