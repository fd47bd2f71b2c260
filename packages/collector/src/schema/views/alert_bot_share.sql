-- Alert bot-share: percent of events that crawlers and floods sent, when it is above 20 and twice that of the seven days
-- before; else 0. From 100 events on.
SELECT
  s.name AS site,
  toString(s.site_id) AS site_id,
  if(e.n >= 100 AND share > 20 AND share > 2 * 100 * e.bots_before / greatest(e.n_before, 1), share, 0) AS value
FROM (SELECT site_id, name FROM site_settings FINAL) AS s
LEFT JOIN (
  SELECT
    site_id,
    countIf(ts >= $A) AS n,
    countIf(ts >= $A AND NOT $H) AS bots,
    countIf(ts < $A) AS n_before,
    countIf(ts < $A AND NOT $H) AS bots_before,
    100 * bots / greatest(n, 1) AS share
  FROM events
  WHERE toDate(ts) >= toDate($A) - 7 AND ts < $Z AND NOT startsWith(type, 'stream_')
  GROUP BY site_id
) AS e ON e.site_id = s.site_id
ORDER BY site_id
