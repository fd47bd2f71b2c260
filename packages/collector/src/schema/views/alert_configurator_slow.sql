-- Alert configurator-slow: p75 of a site's own ready mark, else of the largest paint, ms, above 2000, by device. Below 20
-- loads: 0.
SELECT s.name AS site, toString(s.site_id) AS site_id, d AS device, multiIf(e.ready_n >= 20, e.ready, e.lcp_n >= 20, e.lcp, 0) AS value
FROM (SELECT site_id, name, arrayJoin(['desktop', 'mobile', 'tablet']) AS d FROM (SELECT site_id, name FROM site_settings FINAL)) AS s
LEFT JOIN (
  SELECT
    site_id,
    toString(device) AS device,
    countIf(name = 'ready') AS ready_n,
    countIf(name = 'LCP') AS lcp_n,
    quantileExactIf(0.75)(events.value, name = 'ready') AS ready,
    quantileExactIf(0.75)(events.value, name = 'LCP') AS lcp
  FROM events
  WHERE toDate(ts) >= toDate($A) - 1 AND received >= toDateTime($A) AND received < toDateTime($Z)
    AND $H AND type = 'vital' AND name IN ('ready', 'LCP')
  GROUP BY site_id, device
) AS e ON e.site_id = s.site_id AND e.device = s.d
ORDER BY site_id, device
