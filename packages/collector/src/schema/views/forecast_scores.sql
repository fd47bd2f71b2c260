-- Question 7: how good were the forecasts whose time is over? Coverage of the bands, WAPE beside the floor that no model
-- passes at this volume, CRPS skill against the 'subject.naive' twin that every forecast is logged with.
-- The floor: counts are Poisson, so the best possible WAPE of n expected ones is about E|N − n| / n; orders differ in
-- value besides (`noise_floor`).
SELECT
  toString(a.model) AS model,
  a.horizon AS horizon,
  count() AS n,
  avg(y >= a.q[3] AND y <= a.q[7]) AS coverage80,
  avg(y >= a.q[1] AND y <= a.q[9]) AS coverage95,
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
  WHERE site_id = {site:UInt16} AND actual IS NOT NULL AND NOT endsWith(forecast_log.model, '.naive')
) AS a
INNER JOIN (
  SELECT splitByChar('.', forecast_log.model)[1] AS subject, horizon, target, made, q
  FROM forecast_log FINAL
  WHERE site_id = {site:UInt16} AND endsWith(forecast_log.model, '.naive')
) AS b ON b.subject = a.subject AND b.horizon = a.horizon AND b.target = a.target AND b.made = a.made
GROUP BY model, horizon
ORDER BY model, horizon
