-- Question 5: who is here, by minute of the last half hour? `age_s`: since the newest row of that minute arrived.
SELECT
  toStartOfMinute(toTimeZone(ts, {tz:String})) AS minute,
  uniqExactIf(visitor, visitor != 0) AS visitors,
  uniqExact(stream) AS pages,
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
GROUP BY minute
ORDER BY minute
