-- Dashboard: seconds from the answer 202 to the row in the table.
SELECT
  $T AS time,
  quantileTDigest(0.5)(lag) AS p50,
  quantileTDigest(0.95)(lag) AS p95,
  count() AS n
FROM (
  SELECT e.received AS ts, greatest(0, dateDiff('second', e.received, b.stored)) AS lag
  FROM (
    SELECT batch, received
    FROM events
    WHERE site_id = {site:UInt16} AND ts >= $A - toIntervalDay(1) AND ts < $Z AND received >= toDateTime($A) AND received < toDateTime($Z)
  ) AS e
  INNER JOIN (
    SELECT batch, min(inserted) AS stored FROM ingest_batches WHERE site_id = {site:UInt16} GROUP BY batch
  ) AS b ON b.batch = e.batch
)
GROUP BY time
ORDER BY time
