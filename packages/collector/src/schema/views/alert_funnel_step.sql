-- Alert funnel-step: percent by which the share of visitors that reach a step fell against the same hours of the four weeks
-- before, when it is under median − 3 MAD *and* so few would come by chance less than once in a thousand; else 0.
SELECT
  s.name AS site,
  toString(s.site_id) AS site_id,
  st AS step,
  if(length(rates) = 4 AND mid > 0 AND rate < mid - 3 * mad AND chance < 0.001, 100 * (1 - rate / mid), 0) AS value
FROM (
  SELECT site_id, name, arrayJoin(['option_select', 'price_view', 'config:save', 'inquiry']) AS st FROM (SELECT site_id, name FROM site_settings FINAL)
) AS s
LEFT JOIN (
  SELECT
    site_id,
    step_name,
    sumIf(reached, week = 0) AS now,
    sumIf(came, week = 0) AS visitors,
    now / greatest(visitors, 1) AS rate,
    arraySort(groupArrayIf(reached / came, week > 0 AND came > 0)) AS rates,
    (rates[2] + rates[3]) / 2 AS mid,
    arraySort(arrayMap(x -> abs(x - mid), rates)) AS off,
    (off[2] + off[3]) / 2 AS mad,
    visitors * sumIf(reached, week > 0) / greatest(sumIf(came, week > 0), 1) AS mean,
    if(mean = 0, 1, arraySum(i -> exp(i * log(mean) - mean - lgamma(i + 1)), range(toUInt64(now) + 1))) AS chance
  FROM (
    SELECT
      site_id,
      week,
      arrayJoin(['option_select', 'price_view', 'config:save', 'inquiry']) AS step_name,
      uniqExact(visitor) AS came,
      uniqExactIf(visitor, type = step_name OR journey_step = step_name) AS reached
    FROM (
      SELECT site_id, visitor, type, journey.step AS journey_step, intDiv(dateDiff('second', ts, $Z) - 1, 604800) AS week
      FROM journey
      WHERE visitor != 0
        AND ts < $Z
        AND ts >= $A - toIntervalWeek(4)
        AND (dateDiff('second', ts, $Z) - 1) % 604800 < dateDiff('second', $A, $Z)
    )
    GROUP BY site_id, week, step_name
  )
  GROUP BY site_id, step_name
) AS h ON h.site_id = s.site_id AND h.step_name = s.st
ORDER BY site_id, step
