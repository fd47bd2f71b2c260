-- Alert api-slow: p95 of a service's requests, ms, above 500. The collector's own port (site '*'), and each site's requests
-- as browsers saw them, weighted by their sampling. Below 20 requests: 0.
SELECT site, site_id, service, value
FROM (
  SELECT '*' AS site, '0' AS site_id, 'collector' AS service, if(sum(n) / 3 < 20, 0, toFloat64(quantileExactWeighted(0.95)(part.1, toUInt64(n * part.2)))) AS value
  FROM (
    SELECT n, p50, p95, p99
    FROM monitor FINAL
    WHERE name = 'http_request_seconds' AND at >= toDateTime($A) AND at < toDateTime($Z)
  )
  ARRAY JOIN [(p50, 50), (p95, 45), (p99, 5)] AS part
  UNION ALL
  SELECT s.name AS site, toString(s.site_id) AS site_id, 'browser' AS service, if(e.n < 20, 0, e.p95) AS value
  FROM (SELECT site_id, name FROM site_settings FINAL) AS s
  LEFT JOIN (
    SELECT site_id, count() AS n, quantileExactWeighted(0.95)(events.value, toUInt64(round(100 * $X))) AS p95
    FROM events
    WHERE toDate(ts) >= toDate($A) - 1 AND received >= toDateTime($A) AND received < toDateTime($Z)
      AND $H AND type = 'request' AND kind IN ('fetch', 'xhr')
    GROUP BY site_id
  ) AS e ON e.site_id = s.site_id
)
ORDER BY site_id, service
