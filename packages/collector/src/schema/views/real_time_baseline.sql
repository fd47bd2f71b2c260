-- Question 5: what is normal? The same half hour of the eight weeks before, newest week first.
SELECT
  type AS step,
  arrayMap(k -> countEqual(groupArray(week), k), range(1, 9)) AS counts
FROM (
  SELECT type, intDiv(dateDiff('second', ts, now64(3)), 604800) AS week
  FROM events
  WHERE site_id = {site:UInt16}
    AND $H
    AND type IN ('page_view', 'option_select', 'price_view', 'config', 'inquiry', 'error')
    -- the days that such a half hour lies in: 8 of 58, or 16 just after midnight
    AND toDate(ts) IN (
      SELECT arrayJoin(arrayFlatten(arrayMap(
        k -> [toDate(now('UTC') - toIntervalDay(7 * k)), toDate(now('UTC') - toIntervalDay(7 * k) - toIntervalMinute(30))],
        range(1, 9)))))
    AND ts > now64(3) - INTERVAL 58 DAY
    AND ts <= now64(3) - INTERVAL 7 DAY
    AND dateDiff('second', ts, now64(3)) % 604800 < 1800
)
GROUP BY step
ORDER BY step
