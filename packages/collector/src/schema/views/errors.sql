-- Question 6: which errors happen, how often, in how many sessions? Messages stay inside; the fingerprint names them.
SELECT
  $T AS time,
  toString(kind) AS kind,
  toString(fingerprint) AS fingerprint,
  sum(greatest(times, 1)) AS n,
  uniqExactIf(session, session != 0) AS sessions
FROM events
WHERE $W AND type = 'error'
GROUP BY time, kind, fingerprint
ORDER BY time, n DESC, fingerprint
LIMIT 5000
