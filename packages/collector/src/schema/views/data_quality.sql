-- Question 16: what is wrong with the rows themselves? The only view that sees bots. Late: more than five minutes from
-- event to arrival; skewed: a client clock more than five seconds off; duplicates: (stream, seq) stored twice, which
-- must never happen.
SELECT
  $T AS time,
  count() AS stored,
  countIf(NOT $H) AS bots,
  countIf(bitAnd(bot, 2) != 0) AS automated,
  countIf(visitor = 0) AS without_visitor,
  countIf(consent = 'none') AS consent_none,
  countIf(dateDiff('second', ts, received) > 300) AS late,
  countIf(abs(skew_ms) > 5000) AS skewed,
  count() - uniqExact(cityHash64(stream, seq)) AS duplicates,
  quantileTDigest(0.95)(dateDiff('second', ts, received)) AS lag_p95_s
FROM events
WHERE $R AND NOT startsWith(type, 'stream_')
GROUP BY time
ORDER BY time
