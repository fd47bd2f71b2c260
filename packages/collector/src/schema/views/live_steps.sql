-- Question 5: how many people are at which step, in the last half hour and the last five minutes?
SELECT
  type AS step,
  uniqExactIf(visitor, visitor != 0) AS visitors,
  uniqExactIf(visitor, visitor != 0 AND ts >= now64(3) - INTERVAL 5 MINUTE) AS visitors_5m,
  count() AS n
FROM events
WHERE site_id = {site:UInt16}
  AND $H
  AND toDate(ts) >= toDate(now('UTC') - INTERVAL 30 MINUTE)
  AND ts >= now64(3) - INTERVAL 30 MINUTE
  AND ts <= now64(3)
  AND type IN ('page_view', 'option_select', 'price_view', 'config', 'inquiry', 'error')
GROUP BY step
ORDER BY indexOf(['page_view', 'option_select', 'price_view', 'config', 'inquiry', 'error'], step)
