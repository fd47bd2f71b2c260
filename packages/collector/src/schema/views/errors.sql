-- Question 6: which errors happen, how often, in how many sessions? Messages stay inside; the fingerprint names them.
-- `n`: a sampled error stands for 1/rate; `sessions`: those that told of it.
SELECT
  $T AS time,
  toString(kind) AS kind,
  toString(fingerprint) AS fingerprint,
  toUInt64(round(sum(greatest(times, 1) * $X))) AS n,
  uniqExactIf(session, session != 0) AS sessions
FROM events
WHERE $W AND type = 'error'
GROUP BY time, kind, fingerprint
ORDER BY time, n DESC, fingerprint
LIMIT 5000
