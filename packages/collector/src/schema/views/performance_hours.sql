-- Job aggregate-performance: what the hours of a range were like, by metric, page and device; ten quantiles each.
SELECT
  toStartOfHour(ts) AS hour,
  vitals.metric AS metric,
  page,
  device,
  count() AS n,
  quantilesExactInclusive(0.1, 0.25, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99)(value) AS q
FROM vitals
WHERE $R AND $F AND type != 'inquiry'
GROUP BY hour, metric, page, device
ORDER BY hour, metric, page, device
