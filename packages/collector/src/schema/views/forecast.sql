-- Question 7: the latest forecast of each target. model = subject.method ('revenue.pipeline'); q = quantiles .025 .05 .1
-- .25 .5 .75 .9 .95 .975. `time`: the day on which what is foretold ends; it begins when it was `made`.
SELECT
  toDateTime(target) AS time,
  splitByChar('.', forecast_log.model)[1] AS subject,
  toString(forecast_log.model) AS model,
  horizon,
  argMax(forecast_log.mean, forecast_log.made) AS mean,
  argMax(q[3], forecast_log.made) AS lo80,
  argMax(q[7], forecast_log.made) AS hi80,
  argMax(q[1], forecast_log.made) AS lo95,
  argMax(q[9], forecast_log.made) AS hi95,
  max(forecast_log.made) AS made
FROM forecast_log FINAL
WHERE site_id = {site:UInt16}
GROUP BY target, forecast_log.model, horizon
ORDER BY model, horizon, time
