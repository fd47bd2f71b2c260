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
    argMinIf(shown, place, exposed) AS arm,
    minIf(at, exposed) AS t0,
    minIf(shown, exposed) != maxIf(shown, exposed) AS mix,
    t0 + toIntervalDay({horizon_days:UInt32}) AS due,
    NOT mix AND due <= $Z AS mature,
    if(mature, toUInt32(intDiv(dateDiff('millisecond', $A, due) + 86399999, 86400000)), 0) AS day,
    arrayExists(h -> h >= t0 AND h < due, groupArrayIf(at, outcome)) AS hit,
    toFloat64(arrayCount(z -> z < t0, groupArrayIf(at, choice))) AS x
  FROM (
    SELECT visitor, ts AS at, $O AS place, toString(variant) AS shown, true AS exposed, false AS outcome, false AS choice
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
      ts >= $A AND (type = {metric:String} OR step = {metric:String}),
      type = 'option_select'
    FROM journey
    WHERE site_id = {site:UInt16}
      AND ts >= $A - toIntervalDay(28)
      AND ts < $Z
      AND visitor != 0
      AND consent != 'none'
      AND type IN ('option_select', splitByChar(':', {metric:String})[1])
      AND (type = 'option_select' OR (ts >= $A AND (type = {metric:String} OR step = {metric:String})))
    UNION ALL
    -- outcomes that are no step of a way
    SELECT visitor, ts, 0, '', false, true, false
    FROM events
    WHERE site_id = {site:UInt16}
      AND ts >= $A
      AND ts < $Z
      AND $H
      AND consent != 'none'
      AND visitor != 0
      AND splitByChar(':', {metric:String})[1] NOT IN ('exposure', 'page_view', 'option_select', 'config', 'price_view', 'form', 'inquiry', 'order', 'custom')
      AND type = splitByChar(':', {metric:String})[1]
      AND (type = {metric:String} OR concat(type, ':', name) = {metric:String})
  )
  GROUP BY visitor
  HAVING countIf(exposed) > 0
)
GROUP BY arm, day
ORDER BY arm, day
