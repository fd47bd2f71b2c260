-- Question 8: what each visitor did, for grouping; with consent only. At most 50,000, chosen by hash.
SELECT
  toString(v) AS visitor,
  recency_days,
  sessions,
  options,
  prices,
  saves,
  max_price,
  engaged_s,
  return_gap_days,
  inquired
FROM (
  SELECT
    visitor AS v,
    dateDiff('day', max(ts), $Z) AS recency_days,
    uniqExact(session) AS sessions,
    countIf(type = 'option_select') AS options,
    countIf(type = 'price_view') AS prices,
    countIf(type = 'config' AND kind IN ('save', 'share')) AS saves,
    max(price_cents) / 100 AS max_price,
    sumIf(duration_ms, type = 'page_leave') / 1000 AS engaged_s,
    if(sessions > 1, dateDiff('hour', min(ts), max(ts)) / 24 / (sessions - 1), 0) AS return_gap_days,
    max(type = 'inquiry') AS inquired
  FROM events
  WHERE $P
  GROUP BY v
)
ORDER BY cityHash64(v)
LIMIT 50000
