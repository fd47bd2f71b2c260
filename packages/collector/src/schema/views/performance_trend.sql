-- Question 6: p75 by time; NULL below 30 measurements.
SELECT
  $T AS time,
  vitals.metric AS metric,
  count() AS n,
  if(n < 30, NULL, quantileExactInclusive(0.75)(value)) AS p75
FROM vitals
WHERE $R
  AND $F
  AND type != 'inquiry'
  AND ({metric:String} = '*' OR metric = {metric:String})
GROUP BY time, metric
ORDER BY time, metric
