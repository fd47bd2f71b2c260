-- Alert inquiry-late: inquiries that nobody answered within a day, above 0.
SELECT s.name AS site, toString(s.site_id) AS site_id, toFloat64(i.n) AS value
FROM (SELECT site_id, name FROM site_settings FINAL) AS s
LEFT JOIN (
  SELECT site_id, count() AS n
  FROM inquiries FINAL
  WHERE inquiries.status = 'new' AND created < $Z - toIntervalDay(1)
  GROUP BY site_id
) AS i ON i.site_id = s.site_id
ORDER BY site_id
