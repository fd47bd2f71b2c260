-- Job aggregate-performance: what the hours of a range were like, by metric, page and device; ten quantiles each, of
-- measurements as often as they weigh.
SELECT
  toStartOfHour(ts) AS hour,
  vitals.metric AS metric,
  page,
  device,
  count() AS n,
  round(pow(sum(weight), 2) / sum(weight * weight), 6) AS effective,
  quantilesExactWeightedInterpolated(0.1, 0.25, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99)(value, toUInt64(weight + toUnixTimestamp64Milli(ts) % 1000 / 1000)) AS q
FROM vitals
WHERE $R AND $M AND type != 'inquiry'
GROUP BY hour, metric, page, device
ORDER BY hour, metric, page, device
