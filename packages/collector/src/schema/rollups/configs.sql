-- Configurations by what they hold: a hash stands for its options, so that questions carry eight bytes through their
-- groups and look the options up at the end. They lie here as JSON, one text: reading a month of
-- them as Maps and taking one of many took nearly twice the time.
-- order by: site_id, config_hash
-- keep: months
-- grain: 86400
SELECT
  toDate(events.ts) AS day,
  site_id,
  toStartOfDay(events.ts, 'UTC') AS ts,
  config_hash,
  min(toString(events.model)) AS model,
  min(toJSONString(mapSort(parts))) AS parts_json
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
  toJSONString(mapSort(parts)) AS parts_json,
  type
FROM events
WHERE $H
  AND type = 'config'
