-- Alert ingest-lag: p95 of the seconds from the answer to the row in the table, above 60.
SELECT s.name AS site, toString(s.site_id) AS site_id, toFloat64(ifNull(l.p95, 0)) AS value
FROM (SELECT site_id, name FROM site_settings FINAL) AS s
LEFT JOIN (
  SELECT e.site_id AS site_id, quantileTDigest(0.95)(greatest(0, dateDiff('second', e.received, b.stored))) AS p95
  FROM (
    SELECT site_id, batch, received
    FROM events
    WHERE toDate(ts) >= toDate($A) - 30 AND received >= toDateTime($A) - 3600
  ) AS e
  INNER JOIN (
    SELECT batch, min(inserted) AS stored
    FROM ingest_batches
    WHERE inserted >= toDateTime($A) AND inserted < toDateTime($Z)
    GROUP BY batch
  ) AS b ON b.batch = e.batch
  GROUP BY site_id
) AS l ON l.site_id = s.site_id
ORDER BY site_id
