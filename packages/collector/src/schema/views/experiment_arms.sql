-- Question 12: what did each arm do? Sums are enough for every engine; x = options chosen before the first exposure, for
-- CUPED. `metric` a type or type:name, `horizon_days` of outcomes after the first exposure. Visitors seen in two arms are
-- dropped here and counted by `experiment_exposures`.
SELECT
  arm,
  count() AS n,
  countIf(notEmpty(hits)) AS k,
  sum(y) AS y_sum,
  sum(y * y) AS y_squares,
  sum(x) AS x_sum,
  sum(x * x) AS x_squares,
  sum(x * y) AS xy,
  countIf(t0 + toIntervalDay({horizon_days:UInt32}) > {as_of:DateTime64(3,'UTC')}) AS immature
FROM (
  SELECT
    argMinIf(toString(variant), ts, type = 'exposure') AS arm,
    minIf(ts, type = 'exposure') AS t0,
    uniqExactIf(variant, type = 'exposure') AS arms,
    arrayFilter(
      h -> h.1 >= t0 AND h.1 < t0 + toIntervalDay({horizon_days:UInt32}),
      groupArrayIf(
        (ts, price_cents / 100),
        type = {metric:String} OR concat(type, ':', if(type = 'config', kind, name)) = {metric:String})) AS hits,
    arraySum(h -> h.2, hits) AS y,
    toFloat64(arrayCount(z -> z < t0, groupArrayIf(ts, type = 'option_select'))) AS x
  FROM events
  WHERE $P
    AND ((type = 'exposure' AND experiment = {experiment:String})
      OR type = 'option_select'
      OR type = {metric:String}
      OR concat(type, ':', if(type = 'config', kind, name)) = {metric:String})
  GROUP BY visitor
  HAVING countIf(type = 'exposure') > 0
)
WHERE arms = 1
GROUP BY arm
ORDER BY arm
