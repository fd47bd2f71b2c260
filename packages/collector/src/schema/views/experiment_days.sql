-- Question 12: what did each arm do, by the day on which its visitors became mature? `day` d: their `horizon_days` after
-- the first exposure were over at the end of day d after the start (`from`), so running sums give every look there ever
-- was, from one reading of the events. Day 0 holds those who still wait at `to`, and those who saw two arms (`mixed`,
-- told under the first of them); outcomes of both are left out. `version` 0 or that of the experiment: pages that still
-- show an older version do not take part. x as in `experiment_arms`; xk = its sum over visitors with an outcome. One
-- answer for each of `metrics` (a type or type:name, at most 32, none twice), from one reading.
SELECT
  outcome.1 AS metric,
  arm,
  day,
  countIf(NOT mix) AS n,
  countIf(mix) AS mixed,
  countIf(mature AND outcome.2) AS k,
  countIf(mature AND x > 0) AS with_past,
  sumIf(x, mature) AS x_sum,
  sumIf(x * x, mature) AS x_squares,
  sumIf(x, mature AND outcome.2) AS xk
FROM (
  SELECT
    argMinIf(shown, place, exposed) AS arm,
    minIf(at, exposed) AS t0,
    minIf(shown, exposed) != maxIf(shown, exposed) AS mix,
    t0 + toIntervalDay({horizon_days:UInt32}) AS due,
    NOT mix AND due <= $Z AS mature,
    if(mature, toUInt32(intDiv(dateDiff('millisecond', $A, due) + 86399999, 86400000)), 0) AS day,
    groupArrayIf(at, outcomes > 0) AS ats,
    groupArrayIf(outcomes, outcomes > 0) AS masks,
    arrayFold((all, h, mask) -> if(h >= t0 AND h < due, bitOr(all, mask), all), ats, masks, toUInt64(0)) AS hits,
    toFloat64(arrayCount(z -> z < t0, groupArrayIf(at, choice))) AS x
  FROM (
    SELECT visitor, ts AS at, $O AS place, toString(variant) AS shown, true AS exposed, toUInt64(0) AS outcomes, false AS choice
    FROM exposures
    WHERE site_id = {site:UInt16}
      AND ts >= $A
      AND ts < $Z
      AND visitor != 0
      AND consent != 'none'
      AND experiment = {experiment:String}
      AND version IN (0, {version:UInt32})
    UNION ALL
    SELECT
      visitor,
      ts,
      0,
      '',
      false,
      if(ts >= $A, bitOr(transform(type, {metrics:Array(String)}, arrayMap(i -> bitShiftLeft(toUInt64(1), i), arrayEnumerate({metrics:Array(String)})), toUInt64(0)), transform(step, {metrics:Array(String)}, arrayMap(i -> bitShiftLeft(toUInt64(1), i), arrayEnumerate({metrics:Array(String)})), toUInt64(0))), 0),
      type = 'option_select'
    FROM journey
    WHERE site_id = {site:UInt16}
      AND ts >= $A - toIntervalDay(28)
      AND ts < $Z
      AND visitor != 0
      AND consent != 'none'
      AND type IN arrayPushBack(arrayMap(m -> splitByChar(':', m)[1], {metrics:Array(String)}), 'option_select')
      AND (type = 'option_select' OR (ts >= $A AND (type IN {metrics:Array(String)} OR step IN {metrics:Array(String)})))
    UNION ALL
    -- outcomes that are no step of a way
    SELECT visitor, ts, 0, '', false, bitOr(transform(type, {metrics:Array(String)}, arrayMap(i -> bitShiftLeft(toUInt64(1), i), arrayEnumerate({metrics:Array(String)})), toUInt64(0)), transform(concat(type, ':', name), {metrics:Array(String)}, arrayMap(i -> bitShiftLeft(toUInt64(1), i), arrayEnumerate({metrics:Array(String)})), toUInt64(0))), false
    FROM events
    WHERE site_id = {site:UInt16}
      AND ts >= $A
      AND ts < $Z
      AND $H
      AND visitor != 0
      AND consent != 'none'
      -- a constant: nothing is read when there are none
      AND notEmpty(arrayFilter(
        t -> t NOT IN ('exposure', 'page_view', 'option_select', 'config', 'price_view', 'form', 'inquiry', 'order', 'custom'),
        arrayMap(m -> splitByChar(':', m)[1], {metrics:Array(String)})))
      AND type IN arrayFilter(
        t -> t NOT IN ('exposure', 'page_view', 'option_select', 'config', 'price_view', 'form', 'inquiry', 'order', 'custom'),
        arrayMap(m -> splitByChar(':', m)[1], {metrics:Array(String)}))
      AND (type IN {metrics:Array(String)} OR concat(type, ':', name) IN {metrics:Array(String)})
  )
  GROUP BY visitor
  HAVING countIf(exposed) > 0
)
ARRAY JOIN arrayMap((m, i) -> (m, bitTest(hits, i)), {metrics:Array(String)}, arrayEnumerate({metrics:Array(String)})) AS outcome
GROUP BY metric, arm, day
ORDER BY metric, arm, day
