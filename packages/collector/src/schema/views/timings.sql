-- Dashboard: latency of the parts, ms: `api` (collector's own requests, the site's requests as browsers saw them), `db`,
-- `redis`. A row of `monitor` holds quantiles of five seconds; a longer bucket takes half of its observations at their
-- p50, 45 % at their p95, 5 % at their p99. Browsers send slow requests always and fast ones sampled: weighted by 1/rate.
SELECT
  $T AS time,
  component,
  service,
  quantileExactWeighted(0.5)(ms, weight) AS p50,
  quantileExactWeighted(0.95)(ms, weight) AS p95,
  quantileExactWeighted(0.99)(ms, weight) AS p99,
  toUInt64(round(sum(weight) / 100)) AS n
FROM (
  SELECT
    at AS ts,
    multiIf(name = 'http_request_seconds', 'api', startsWith(label, 'clickhouse:'), 'db', 'redis') AS component,
    if(name = 'http_request_seconds', splitByChar(':', toString(label))[1], splitByChar(':', toString(label))[1]) AS service,
    part.1 AS ms,
    toUInt64(n * part.2) AS weight
  FROM monitor FINAL
  ARRAY JOIN [(p50, 50), (p95, 45), (p99, 5)] AS part
  WHERE at >= toDateTime($A)
    AND at < toDateTime($Z)
    AND site_id IN (0, {site:UInt16})
    AND (name = 'http_request_seconds'
      OR (name = 'dependency_seconds' AND (label = 'clickhouse:interactive' OR startsWith(label, 'redis'))))
  UNION ALL
  SELECT toDateTime(events.ts) AS ts, 'api', toString(host), toFloat32(value), toUInt64(round(100 * $X))
  FROM events
  WHERE $R AND $H AND type = 'request' AND kind IN ('fetch', 'xhr')
)
GROUP BY time, component, service
ORDER BY time, component, service
