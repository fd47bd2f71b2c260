-- Hours of speed as their job counted them, by metric, page and device: p75 with its interval, from the ten quantiles .5
-- to .95 that are kept. Outlives raw events.
SELECT
  hour AS time,
  toString(metric) AS metric,
  toString(page) AS page,
  toString(device) AS device,
  n,
  least(1.959964 * sqrt(0.1875 / n), 0.2) * 20 AS d,
  if(n < 30, NULL, q[6]) AS p75,
  if(n < 30, NULL, q[toUInt8(floor(5 - d)) + 1] + (5 - d - floor(5 - d)) * (q[toUInt8(floor(5 - d)) + 2] - q[toUInt8(floor(5 - d)) + 1])) AS lo,
  if(n < 30, NULL, q[toUInt8(floor(5 + d)) + 1] + (5 + d - floor(5 + d)) * (q[toUInt8(floor(5 + d)) + 2] - q[toUInt8(floor(5 + d)) + 1])) AS hi
FROM performance_hourly FINAL
WHERE site_id = {site:UInt16} AND hour >= toDateTime($A) AND hour < toDateTime($Z) AND n > 0
ORDER BY time, metric, page, device
