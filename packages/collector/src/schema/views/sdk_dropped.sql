-- Question 16: what did browsers give up, by reason? Each stream reports running totals, so its largest counts.
SELECT
  $T AS time,
  reason,
  toUInt64(sum(total)) AS n
FROM (
  SELECT stream, toString(name) AS reason, min(at) AS ts, max(value) AS total
  FROM (SELECT stream, name, ts AS at, value FROM events WHERE $R AND type = 'stream_dropped')
  GROUP BY stream, reason
)
GROUP BY time, reason
ORDER BY time, n DESC, reason
