-- Question 16: what is wrong with the rows themselves? The only view that sees bots. Late: more than five minutes from
-- event to arrival; skewed: a client clock more than five seconds off; duplicates: (stream, seq) stored twice, which
-- must never happen.
SELECT
  $T AS time,
  sum(a.stored) AS stored,
  sum(a.bots) AS bots,
  sum(a.automated) AS automated,
  sum(a.without_visitor) AS without_visitor,
  sum(a.consent_none) AS consent_none,
  sum(a.late) AS late,
  sum(a.skewed) AS skewed,
  stored - sum(distinct_n) - uniqExactArray(keys) AS duplicates,
  quantileExactWeightedArray(0.95)(lags.1, lags.2) AS lag_p95_s
FROM arrivals_of(site = {site:UInt16}, from = $A, to = $Z) AS a
GROUP BY time
ORDER BY time
