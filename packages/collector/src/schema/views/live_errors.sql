-- Dashboard: errors of the last half hour by minute, and the sessions that met them.
SELECT
  toStartOfMinute(ts) AS minute,
  toUInt64(round(sum(greatest(times, 1) * $X))) AS n,
  uniqExactIf(session, session != 0) AS sessions
FROM events
WHERE site_id = {site:UInt16}
  AND $H
  AND type = 'error'
  AND toDate(ts) >= toDate(now('UTC') - INTERVAL 30 MINUTE)
  AND ts >= now64(3) - INTERVAL 30 MINUTE
  AND ts <= now64(3)
GROUP BY minute
ORDER BY minute
