-- Alert dead-letters: rows that were cut out in the window, by reason; above 0.
SELECT s.name AS site, toString(s.site_id) AS site_id, d.why AS reason, toFloat64(d.n) AS value
FROM (SELECT site_id, name FROM site_settings FINAL) AS s
LEFT JOIN (
  SELECT site_id, toString(reason) AS why, count() AS n
  FROM dead_letters FINAL
  WHERE state = 'open' AND at >= $A AND at < $Z
  GROUP BY site_id, why
) AS d ON d.site_id = s.site_id
ORDER BY site_id, reason
