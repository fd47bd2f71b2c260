-- Alert vitals: p75 of LCP, INP and CLS over their limit (4 s, 500 ms, 0.25) as a ratio, above 1; of all pages ('*') always,
-- of a page with 20 measurements. Below 20: 0.
SELECT site, site_id, metric, page, value
FROM (
  SELECT s.name AS site, toString(s.site_id) AS site_id, m AS metric, '*' AS page, if(e.n < 20, 0, e.p75 / e.bound) AS value
  FROM (SELECT site_id, name, arrayJoin(['LCP', 'INP', 'CLS']) AS m FROM (SELECT site_id, name FROM site_settings FINAL)) AS s
  LEFT JOIN (
    SELECT site_id, toString(name) AS vital, count() AS n, quantileExact(0.75)(events.value) AS p75,
      multiIf(vital = 'LCP', 4000, vital = 'INP', 500, 0.25) AS bound
    FROM events
    WHERE toDate(ts) >= toDate($A) - 1 AND received >= toDateTime($A) AND received < toDateTime($Z)
      AND $H AND type = 'vital' AND name IN ('LCP', 'INP', 'CLS')
    GROUP BY site_id, vital
  ) AS e ON e.site_id = s.site_id AND e.vital = s.m
  UNION ALL
  SELECT s.name AS site, toString(s.site_id) AS site_id, e.vital AS metric, e.page AS page, e.p75 / e.bound AS value
  FROM (SELECT site_id, name FROM site_settings FINAL) AS s
  INNER JOIN (
    SELECT site_id, toString(name) AS vital, toString(route) AS page, quantileExact(0.75)(events.value) AS p75,
      multiIf(vital = 'LCP', 4000, vital = 'INP', 500, 0.25) AS bound
    FROM events
    WHERE toDate(ts) >= toDate($A) - 1 AND received >= toDateTime($A) AND received < toDateTime($Z)
      AND $H AND type = 'vital' AND name IN ('LCP', 'INP', 'CLS') AND route NOT IN ('', '*')
    GROUP BY site_id, vital, page
    HAVING count() >= 20
  ) AS e ON e.site_id = s.site_id
)
ORDER BY site_id, metric, page
