-- Question 6: `performance` and its time axis from one reading. `by_time` 0: p75 by page and device, as there, without the
-- limit; 1: p75 by time. NULL below 30 effective measurements.
SELECT
  grouping(page) AS by_time,
  $T AS time,
  vitals.metric AS metric,
  page,
  device,
  count() AS n,
  sum(weight) > n AS sampled,
  round(pow(sum(weight), 2) / sum(weight * weight), 6) AS effective,
  quantilesExactWeightedInterpolated(0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)(value, toUInt64(weight + toUnixTimestamp64Milli(ts) % 1000 / 1000)) AS q,
  least(1.959964 * sqrt(0.1875 / effective), 0.2) * 20 AS d,
  if(effective < 30, NULL, q[6]) AS p75,
  if(effective < 30, NULL, q[toUInt8(floor(5 - d)) + 1]
    + (5 - d - floor(5 - d)) * (q[toUInt8(floor(5 - d)) + 2] - q[toUInt8(floor(5 - d)) + 1])) AS lo,
  if(effective < 30, NULL, q[toUInt8(floor(5 + d)) + 1]
    + (5 + d - floor(5 + d)) * (q[toUInt8(floor(5 + d)) + 2] - q[toUInt8(floor(5 + d)) + 1])) AS hi
FROM vitals
WHERE $R
  AND $M
  AND type != 'inquiry'
  AND ({metric:String} = '*' OR metric = {metric:String})
GROUP BY GROUPING SETS ((metric, page, device), (metric, time))
ORDER BY by_time, if(by_time = 0, n, 0) DESC, time, metric, page, device
