-- Question 6: p75 by time; NULL below 30 measurements.
SELECT
  $T AS time,
  if(type = 'vital', name, type) AS metric,
  count() AS n,
  if(n < 30, NULL, quantileTDigest(0.75)(value)) AS p75
FROM events
WHERE $W
  AND type IN ('vital', 'request', 'long_frame')
  AND ({metric:String} = '*' OR metric = {metric:String})
GROUP BY time, metric
ORDER BY time, metric
