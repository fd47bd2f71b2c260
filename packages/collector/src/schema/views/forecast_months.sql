-- Question 7: the score card of every closed month: forecasts whose time ended in it. `inside_last`: whether the last of
-- them kept what its 80 % band promised; the others as in `forecast_scores`.
SELECT
  toString(a.model) AS model,
  a.horizon AS horizon,
  toStartOfMonth(a.target) AS month,
  count() AS n,
  countIf(y >= a.q[3] AND y <= a.q[7]) AS inside80,
  countIf(y >= a.q[1] AND y <= a.q[9]) AS inside95,
  argMax(y >= a.q[3] AND y <= a.q[7], (a.target, a.made)) AS inside_last,
  sum(abs(y - a.q[5])) / nullIf(sum(y), 0) AS wape,
  1 - sum(arraySum((x, p) -> greatest(p * (y - x), (p - 1) * (y - x)), a.q, levels))
    / nullIf(sum(arraySum((x, p) -> greatest(p * (y - x), (p - 1) * (y - x)), b.q, levels)), 0) AS skill,
  avg(if(a.subject = 'revenue', noise_floor(a.n), if(a.n = 0, 1, least(1, sqrt(2 / (pi() * a.n)))))) AS floor
FROM (
  SELECT
    model,
    horizon,
    target,
    made,
    q,
    n,
    splitByChar('.', forecast_log.model)[1] AS subject,
    assumeNotNull(actual) AS y,
    [.025, .05, .1, .25, .5, .75, .9, .95, .975] AS levels
  FROM forecast_log FINAL
  WHERE site_id = {site:UInt16}
    AND actual IS NOT NULL
    AND NOT endsWith(forecast_log.model, '.naive')
    -- a month that still runs is not closed
    AND addMonths(toStartOfMonth(target), 1) <= toDate($Z, {tz:String})
) AS a
INNER JOIN (
  SELECT splitByChar('.', forecast_log.model)[1] AS subject, horizon, target, made, q
  FROM forecast_log FINAL
  WHERE site_id = {site:UInt16} AND endsWith(forecast_log.model, '.naive')
) AS b ON b.subject = a.subject AND b.horizon = a.horizon AND b.target = a.target AND b.made = a.made
GROUP BY model, horizon, month
ORDER BY model, horizon, month
