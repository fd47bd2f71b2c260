-- Question 12: what did each arm do, by the day on which its visitors became mature? `day` d: their `horizon_days` after
-- the first exposure were over at the end of day d after the start (`from`), so running sums give every look there ever
-- was, from one reading of the events. Day 0 holds those who still wait at `to`, and those who saw two arms (`mixed`,
-- told under the first of them); outcomes of both are left out. `version` 0 or that of the experiment: pages that still
-- show an older version do not take part. x as in `experiment_arms`; xk = its sum over visitors with an outcome.
SELECT
  arm,
  day,
  countIf(NOT mix) AS n,
  countIf(mix) AS mixed,
  countIf(mature AND hit) AS k,
  countIf(mature AND x > 0) AS with_past,
  sumIf(x, mature) AS x_sum,
  sumIf(x * x, mature) AS x_squares,
  sumIf(x, mature AND hit) AS xk
FROM (
  SELECT
    argMinIf(toString(variant), (ts, seq), type = 'exposure') AS arm,
    minIf(ts, type = 'exposure') AS t0,
    uniqExactIf(variant, type = 'exposure') > 1 AS mix,
    t0 + toIntervalDay({horizon_days:UInt32}) AS due,
    NOT mix AND due <= $Z AS mature,
    if(mature, toUInt32(intDiv(dateDiff('millisecond', $A, due) + 86399999, 86400000)), 0) AS day,
    arrayExists(
      h -> h >= t0 AND h < due,
      groupArrayIf(
        ts,
        type != 'exposure'
          AND (type = {metric:String}
            OR concat(type, ':', multiIf(type = 'page_view', path, type = 'config', kind, name)) = {metric:String}))) AS hit,
    toFloat64(arrayCount(z -> z < t0, groupArrayIf(ts, type = 'option_select'))) AS x
  FROM events
  WHERE site_id = {site:UInt16}
    AND ts >= $A - toIntervalDay(28)
    AND ts < $Z
    AND $H
    AND visitor != 0
    AND consent != 'none'
    AND (type = 'option_select'
      OR (ts >= $A
        AND ((type = 'exposure'
            AND experiment = {experiment:String}
            AND toUInt32OrZero(props['version']) IN (0, {version:UInt32}))
          OR (type != 'exposure'
            AND (type = {metric:String}
              OR concat(type, ':', multiIf(type = 'page_view', path, type = 'config', kind, name)) = {metric:String})))))
  GROUP BY visitor
  HAVING countIf(type = 'exposure') > 0
)
GROUP BY arm, day
ORDER BY arm, day
