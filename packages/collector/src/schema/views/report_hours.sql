-- Hours of speed as their job counted them, by metric, page and device: p75 with its interval, between the ten quantiles
-- that are kept. Outlives raw events.
-- A SELECT for each step: a name that is used twice is analysed twice.
SELECT
  time,
  metric,
  page,
  device,
  n,
  effective,
  if(effective < 30, NULL, q[6]) AS p75,
  if(effective < 30, NULL, bounds[1]) AS lo,
  if(effective < 30, NULL, bounds[2]) AS hi
FROM (
  SELECT
    *,
    arrayMap(
      p -> arraySum(
        (below, above, q0, q1) -> if(below < p AND p <= above, q0 + (p - below) / (above - below) * (q1 - q0), 0),
        [0.1, 0.25, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95],
        [0.25, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99],
        arrayPopBack(q),
        arrayPopFront(q)),
      [0.75 - d, 0.75 + d]) AS bounds
  FROM (
    SELECT
      hour AS time,
      toString(performance_hourly.metric) AS metric,
      toString(performance_hourly.page) AS page,
      toString(performance_hourly.device) AS device,
      n,
      effective,
      q,
      least(1.959964 * sqrt(0.1875 / effective), 0.2) AS d
    FROM performance_hourly FINAL
    WHERE site_id = {site:UInt16} AND hour >= toDateTime($A) AND hour < toDateTime($Z) AND n > 0
  )
)
ORDER BY time, metric, page, device
