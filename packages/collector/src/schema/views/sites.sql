-- Grafana's site variable: every configured site. Plain view, it asks for nothing.
SELECT
  site_id AS id,
  name,
  toString(time_zone) AS time_zone,
  toString(currency) AS currency
FROM site_settings FINAL
ORDER BY id
