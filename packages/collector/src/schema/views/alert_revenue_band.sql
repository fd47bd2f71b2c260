-- Alert revenue-band: by how much the revenue of the window lies below the 80 % band of the weekly forecast made before it;
-- 0 inside the band and without a forecast. Seven days on purpose: an hour of a few orders a month is luck.
SELECT s.name AS site, toString(s.site_id) AS site_id, if(f.made_n > 0, greatest(0, f.lo80 - o.paid), 0) AS value
FROM (SELECT site_id, name FROM site_settings FINAL) AS s
LEFT JOIN (
  SELECT site_id, count() AS made_n, argMax(q[3], (target, made)) AS lo80
  FROM forecast_log FINAL
  WHERE startsWith(forecast_log.model, 'revenue.') AND NOT endsWith(forecast_log.model, '.naive')
    AND horizon = 7 AND made < toDateTime($A) + 86400 AND target >= toDate($Z) - 1 AND target <= toDate($Z)
  GROUP BY site_id
) AS f ON f.site_id = s.site_id
LEFT JOIN (
  SELECT site_id, sum(amount_cents) / 100 AS paid
  FROM orders FINAL
  WHERE orders.status != 'cancelled' AND placed >= $A AND placed < $Z
  GROUP BY site_id
) AS o ON o.site_id = s.site_id
ORDER BY site_id
