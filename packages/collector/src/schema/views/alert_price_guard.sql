-- Alert price-guard: percent by which fewer of those who saw a price went on (saved, shared or asked) since the last bulk
-- change of prices than in the same length before it; from 100 visitors on; above 30. Armed by a change of kind
-- 'bulk_price' in the last 24 hours of the window; else 0.
SELECT
  s.name AS site,
  toString(s.site_id) AS site_id,
  s.change_id AS change,
  if(r.seen_after < 100 OR r.seen_before < 100 OR r.went_before = 0, 0,
    greatest(0, 100 * (1 - (r.went_after / r.seen_after) / (r.went_before / r.seen_before)))) AS value
FROM (
  SELECT t.site_id AS site_id, t.name AS name, c.change_id AS change_id
  FROM (SELECT site_id, name FROM site_settings FINAL) AS t
  LEFT JOIN (
    SELECT site_id, argMax(id, at) AS change_id
    FROM changes_log FINAL
    WHERE kind = 'bulk_price' AND at >= $Z - toIntervalDay(1) AND at < $Z
    GROUP BY site_id
  ) AS c ON c.site_id = t.site_id
) AS s
LEFT JOIN (
  SELECT
    site_id,
    countIf(saw_after) AS seen_after,
    countIf(saw_after AND on_after) AS went_after,
    countIf(saw_before) AS seen_before,
    countIf(saw_before AND on_before) AS went_before
  FROM (
    SELECT
      j.site_id AS site_id,
      visitor,
      max(type = 'price_view' AND j.ts >= c.since) AS saw_after,
      max(type = 'price_view' AND j.ts < c.since) AS saw_before,
      max(j.went AND j.ts >= c.since) AS on_after,
      max(j.went AND j.ts < c.since) AS on_before
    FROM (
      SELECT site_id, visitor, type, ts, type = 'inquiry' OR journey.step IN ('config:save', 'config:share') AS went
      FROM journey
      WHERE visitor != 0 AND ts >= $Z - toIntervalDay(2) AND ts < $Z AND type IN ('price_view', 'inquiry', 'config')
    ) AS j
    INNER JOIN (
      SELECT site_id, max(at) AS since
      FROM changes_log FINAL
      WHERE kind = 'bulk_price' AND at >= $Z - toIntervalDay(1) AND at < $Z
      GROUP BY site_id
    ) AS c ON c.site_id = j.site_id
    WHERE j.ts >= c.since - toIntervalSecond(dateDiff('second', c.since, $Z))
    GROUP BY site_id, visitor
  )
  GROUP BY site_id
) AS r ON r.site_id = s.site_id
ORDER BY site_id
