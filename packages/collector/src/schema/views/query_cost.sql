-- Dashboard: what do dashboards, panels and rules cost the database? Grafana's data source says in a comment who asks.
SELECT
  extract(query, 'grafana_dashboard:([^\\s*]+)') AS dashboard,
  extract(query, 'grafana_panel:([^\\s*]+)') AS panel,
  extract(query, 'grafana_rule:([^\\s*]+)') AS rule,
  count() AS queries,
  sum(query_duration_ms) AS ms,
  sum(read_rows) AS rows,
  sum(read_bytes) AS bytes
FROM system.query_log
WHERE type = 'QueryFinish'
  AND query_kind = 'Select'
  AND event_date >= toDate($A)
  AND event_date <= toDate($Z)
  AND event_time >= toDateTime($A)
  AND event_time < toDateTime($Z)
  AND match(query, 'grafana_(dashboard|panel|rule):')
GROUP BY dashboard, panel, rule
ORDER BY ms DESC, dashboard, panel, rule
LIMIT 500
