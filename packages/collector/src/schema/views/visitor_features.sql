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
    max(last_ts) AS latest,
    dateDiff('day', latest, $Z) AS recency_days,
    uniqExact(session) AS sessions,
    sum(t.options) AS options,
    sum(price_views) AS prices,
    sum(t.saves) AS saves,
    max(most_cents) / 100 AS max_price,
    sum(engaged_ms) / 1000 AS engaged_s,
    if(sessions > 1, dateDiff('hour', min(first_ts), latest) / 24 / (sessions - 1), 0) AS return_gap_days,
    sum(inquiries_n) > 0 AS inquired
  FROM visits_of(site = {site:UInt16}, from = $A, to = $Z) AS t
  WHERE $N AND visitor != 0 AND consent != 'none'
  GROUP BY v
)
ORDER BY cityHash64(v)
LIMIT 50000
