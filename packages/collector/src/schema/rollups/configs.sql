-- Configurations by what they hold: a hash stands for its options, so that questions carry eight bytes through their
-- groups and look the options up at the end.
-- order by: site_id, config_hash
-- keep: months
-- grain: 86400
SELECT
  toDate(events.ts) AS day,
  site_id,
  toStartOfDay(events.ts, 'UTC') AS ts,
  config_hash,
  min(toString(events.model)) AS model,
  argMin(parts, (toString(events.model), mapKeys(parts), mapValues(parts))) AS parts
FROM events
WHERE $H
  AND type = 'config'
GROUP BY day, site_id, ts, config_hash
-- one by one:
SELECT
  toDate(events.ts) AS day,
  site_id,
  toStartOfDay(events.ts, 'UTC') AS ts,
  config_hash,
  toString(events.model) AS model,
  parts,
  type
FROM events
WHERE $H
  AND type = 'config'
