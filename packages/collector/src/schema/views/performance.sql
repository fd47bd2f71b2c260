-- Question 6: how does the site feel, where? p75 with its 95 % interval from order statistics: the quantile function at
-- 0.75 ± 1.96·√(0.1875/n), read off ten quantiles. NULL below 30 measurements. `metric` '*' = all.
SELECT
  vitals.metric AS metric,
  page,
  device,
  count() AS n,
  quantilesExactInclusive(0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)(value) AS q,
  least(1.959964 * sqrt(0.1875 / n), 0.2) * 20 AS d,
  if(n < 30, NULL, q[6]) AS p75,
  if(n < 30, NULL, q[toUInt8(floor(5 - d)) + 1]
    + (5 - d - floor(5 - d)) * (q[toUInt8(floor(5 - d)) + 2] - q[toUInt8(floor(5 - d)) + 1])) AS lo,
  if(n < 30, NULL, q[toUInt8(floor(5 + d)) + 1]
    + (5 + d - floor(5 + d)) * (q[toUInt8(floor(5 + d)) + 2] - q[toUInt8(floor(5 + d)) + 1])) AS hi
FROM vitals
WHERE $R
  AND $F
  AND type != 'inquiry'
  AND ({metric:String} = '*' OR metric = {metric:String})
GROUP BY metric, page, device
ORDER BY n DESC, metric, page, device
LIMIT 500
