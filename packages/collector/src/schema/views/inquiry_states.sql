-- Question 7: inquiries by arrival and state; `oldest_s`: age of the oldest one of the bucket that is still open, at `to`.
SELECT
  $T AS time,
  state,
  count() AS n,
  maxIf(age, state NOT IN ('ordered', 'lost')) AS oldest_s
FROM (
  SELECT
    lead_at AS ts,
    multiIf(ordered_at IS NOT NULL, 'ordered', status) AS state,
    dateDiff('second', lead_at, $Z) AS age
  FROM leads(site = {site:UInt16}, to = $Z)
  WHERE lead_at >= $A
)
GROUP BY time, state
ORDER BY time, state
