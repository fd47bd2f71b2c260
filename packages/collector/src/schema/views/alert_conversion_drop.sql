-- Alert conversion-drop: percent below the same hour of the four weeks before, when inquiries are under median − 3 MAD
-- *and* so few would come by chance less than once in a thousand (Poisson of their mean); else 0.
SELECT
  s.name AS site,
  toString(s.site_id) AS site_id,
  if(length(h.weeks) = 4 AND mid > 0 AND h.now < mid - 3 * mad AND chance < 0.001, 100 * (1 - h.now / mid), 0) AS value
FROM (SELECT site_id, name FROM site_settings FINAL) AS s
LEFT JOIN (
  SELECT
    site_id,
    countIf(week = 0) AS now,
    arrayMap(w -> toFloat64(countEqual(groupArray(week), w)), [1, 2, 3, 4]) AS weeks,
    arraySort(weeks) AS sorted,
    (sorted[2] + sorted[3]) / 2 AS mid,
    arraySort(arrayMap(x -> abs(x - mid), weeks)) AS off,
    (off[2] + off[3]) / 2 AS mad,
    arrayAvg(weeks) AS mean,
    if(mean = 0, 1, arraySum(i -> exp(i * log(mean) - mean - lgamma(i + 1)), range(toUInt64(now) + 1))) AS chance
  FROM (
    SELECT site_id, intDiv(dateDiff('second', ts, $Z) - 1, 604800) AS week
    FROM events
    WHERE type = 'inquiry'
      AND $H
      AND toDate(ts) >= toDate($A) - 29
      AND ts < $Z
      AND ts >= $A - toIntervalWeek(4)
      AND (dateDiff('second', ts, $Z) - 1) % 604800 < dateDiff('second', $A, $Z)
  )
  GROUP BY site_id
) AS h ON h.site_id = s.site_id
ORDER BY site_id
