-- Question 12: was the split fair, day by day? `mixed`: visitors who saw more than one arm.
SELECT day, arm, count() AS n, countIf(arms > 1) AS mixed
FROM (
  SELECT toDate(min(ts), {tz:String}) AS day, argMin(toString(variant), ts) AS arm, uniqExact(variant) AS arms
  FROM exposures
  WHERE $R AND $M AND visitor != 0 AND consent != 'none' AND experiment = {experiment:String}
  GROUP BY visitor
)
GROUP BY day, arm
ORDER BY day, arm
