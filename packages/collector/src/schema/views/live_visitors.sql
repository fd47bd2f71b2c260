-- Question 5: distinct visitors of the last five and thirty minutes; minutes do not add up to them.
SELECT
  uniqExactIf(visitor, ts >= now64(3) - INTERVAL 5 MINUTE) AS visitors_5m,
  uniqExact(visitor) AS visitors_30m
FROM events
WHERE site_id = {site:UInt16}
  AND $H
  AND visitor != 0
  AND NOT startsWith(type, 'stream_')
  AND toDate(ts) >= toDate(now('UTC') - INTERVAL 30 MINUTE)
  AND ts >= now64(3) - INTERVAL 30 MINUTE
  AND ts <= now64(3)
