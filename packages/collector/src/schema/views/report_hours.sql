-- Hours of speed as their job counted them, by metric, page and device: p75 with its interval, between the ten quantiles
-- that are kept. Outlives raw events.
WITH [0.1, 0.25, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99] AS levels
SELECT
  hour AS time,
  toString(metric) AS metric,
  toString(page) AS page,
  toString(device) AS device,
  n,
  effective,
  least(1.959964 * sqrt(0.1875 / effective), 0.2) AS d,
  arrayMap(
    p -> arraySum(
      (below, above, q0, q1) -> if(below < p AND p <= above, q0 + (p - below) / (above - below) * (q1 - q0), 0),
      arrayPopBack(levels), arrayPopFront(levels), arrayPopBack(q), arrayPopFront(q)),
    [0.75 - d, 0.75 + d]) AS bounds,
  if(effective < 30, NULL, q[6]) AS p75,
  if(effective < 30, NULL, bounds[1]) AS lo,
  if(effective < 30, NULL, bounds[2]) AS hi
FROM performance_hourly FINAL
WHERE site_id = {site:UInt16} AND hour >= toDateTime($A) AND hour < toDateTime($Z) AND n > 0
ORDER BY time, metric, page, device
