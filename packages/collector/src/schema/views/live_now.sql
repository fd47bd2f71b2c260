-- Question 5: `real_time`, `live_steps` and `live_visitors` from one reading. `part`: what a row is about.
SELECT
  multiIf(grouping(minute) = 0, 'minute', grouping(step) = 0, 'step', 'all') AS part,
  toStartOfMinute(toTimeZone(ts, {tz:String})) AS minute,
  if(type IN ('page_view', 'option_select', 'price_view', 'config', 'inquiry', 'error'), type, '') AS step,
  uniqExactIf(visitor, visitor != 0) AS visitors,
  uniqExactIf(visitor, visitor != 0 AND ts >= now64(3) - INTERVAL 5 MINUTE) AS visitors_5m,
  count() AS events,
  dateDiff('second', max(received), now()) AS age_s
FROM events
WHERE site_id = {site:UInt16}
  AND $H
  AND NOT startsWith(type, 'stream_')
  -- a bound made of now64() prunes no granule, one made of today() does
  AND toDate(ts) >= toDate(now('UTC') - INTERVAL 30 MINUTE)
  AND ts >= now64(3) - INTERVAL 30 MINUTE
  AND ts <= now64(3)
GROUP BY GROUPING SETS ((minute), (step), ())
ORDER BY part, minute, indexOf(['page_view', 'option_select', 'price_view', 'config', 'inquiry', 'error'], step)
