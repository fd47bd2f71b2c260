-- Question 1: how long are sessions, in events and seconds; how many bounce (at most one event of substance)?
-- Rows without a session (orders told by the back office) make none.
SELECT
  count() AS sessions,
  quantilesExact(0.5, 0.9, 0.99)(e) AS events,
  quantileExact(0.5)(s) AS median_s,
  countIf(b) AS bounces
FROM (
  SELECT
    count() AS e,
    dateDiff('second', min(ts), max(ts)) AS s,
    countIf(type IN ('page_view', 'option_select', 'config', 'price_view', 'inquiry')) <= 1 AS b
  FROM events
  WHERE $V AND session != 0 AND NOT startsWith(type, 'stream_')
  GROUP BY session
)
