-- Question 16: what was refused at the edge, by reason? The collector's own counters, increments per row of `monitor`.
SELECT
  $T AS time,
  toString(label) AS reason,
  toUInt64(sum(value)) AS n
FROM (
  SELECT at AS ts, label, value
  FROM monitor FINAL
  WHERE site_id = {site:UInt16} AND name = 'ingest_rejected_total' AND at >= toDateTime($A) AND at < toDateTime($Z)
)
GROUP BY time, reason
HAVING n > 0
ORDER BY time, n DESC, reason
