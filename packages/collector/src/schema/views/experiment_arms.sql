-- Question 12: what did each arm do? Sums are enough for every engine; x = options chosen in the four weeks before the
-- start and until the first exposure, for CUPED. `metric` a type or type:name, `horizon_days` of outcomes after the first
-- exposure. Only visitors whose days were over at `as_of` count; the others are `immature` and wait. Visitors seen in two
-- arms are dropped here and counted by `experiment_exposures`.
SELECT
  arm,
  countIf(mature) AS n,
  countIf(mature AND notEmpty(hits)) AS k,
  sumIf(y, mature) AS y_sum,
  sumIf(y * y, mature) AS y_squares,
  sumIf(x, mature) AS x_sum,
  sumIf(x * x, mature) AS x_squares,
  sumIf(x * y, mature) AS xy,
  countIf(NOT mature) AS immature
FROM (
  SELECT
    argMinIf(toString(variant), (ts, seq), type = 'exposure') AS arm,
    minIf(ts, type = 'exposure') AS t0,
    uniqExactIf(variant, type = 'exposure') AS arms,
    t0 + toIntervalDay({horizon_days:UInt32}) <= {as_of:DateTime64(3,'UTC')} AS mature,
    arrayFilter(
      h -> h.1 >= t0 AND h.1 < t0 + toIntervalDay({horizon_days:UInt32}),
      groupArrayIf(
        (ts, price_cents / 100),
        type = {metric:String} OR concat(type, ':', multiIf(type = 'page_view', path, type = 'config', kind, name)) = {metric:String})) AS hits,
    arraySum(h -> h.2, hits) AS y,
    toFloat64(arrayCount(z -> z < t0, groupArrayIf(ts, type = 'option_select'))) AS x
  FROM events
  WHERE site_id = {site:UInt16}
    AND ts >= $A - toIntervalDay(28)
    AND ts < $Z
    AND $N
    AND visitor != 0
    AND consent != 'none'
    AND (type = 'option_select'
      OR (ts >= $A
        AND ((type = 'exposure' AND experiment = {experiment:String})
          OR (type != 'exposure'
            AND (type = {metric:String}
              OR concat(type, ':', multiIf(type = 'page_view', path, type = 'config', kind, name)) = {metric:String})))))
  GROUP BY visitor
  HAVING countIf(type = 'exposure') > 0
)
WHERE arms = 1
GROUP BY arm
ORDER BY arm
