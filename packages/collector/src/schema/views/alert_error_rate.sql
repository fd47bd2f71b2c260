-- Alert error-rate, percent, above 1: answers 5xx of the collector (site '*'), failed requests of a site's pages, sessions
-- with an uncaught error. Below five failures: 0. Requests are weighted by their sampling: the SDK draws among those that
-- neither fail nor drag, a site among all.
SELECT site, site_id, kind, value
FROM (
  SELECT '*' AS site, '0' AS site_id, 'answers' AS kind, if(failed < 5, 0, 100 * failed / total) AS value
  FROM (
    SELECT sumIf(n, endsWith(label, ':5xx')) AS failed, sum(n) AS total
    FROM monitor FINAL
    WHERE name = 'http_request_seconds' AND at >= toDateTime($A) AND at < toDateTime($Z)
  )
  UNION ALL
  SELECT s.name AS site, toString(s.site_id) AS site_id, k AS kind,
    if(k = 'requests', if(e.failures < 5, 0, 100 * e.failed / e.requests), if(e.broken < 5, 0, 100 * e.broken / e.sessions)) AS value
  FROM (SELECT site_id, name, arrayJoin(['requests', 'sessions']) AS k FROM (SELECT site_id, name FROM site_settings FINAL)) AS s
  LEFT JOIN (
    SELECT
      site_id,
      countIf(type = 'request' AND (failure != '' OR status >= 500)) AS failures,
      sumIf($X, type = 'request' AND (failure != '' OR status >= 500)) AS failed,
      sumIf($X, type = 'request') AS requests,
      uniqExactIf(if(session != 0, session, sipHash64(stream)), type = 'error' AND kind IN ('exception', 'rejection')) AS broken,
      uniqExact(if(session != 0, session, sipHash64(stream))) AS sessions
    FROM events
    WHERE toDate(ts) >= toDate($A) - 1 AND received >= toDateTime($A) AND received < toDateTime($Z)
      AND $H AND NOT startsWith(type, 'stream_')
    GROUP BY site_id
  ) AS e ON e.site_id = s.site_id
)
ORDER BY site_id, kind
