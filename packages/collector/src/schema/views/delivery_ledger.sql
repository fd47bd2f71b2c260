-- Dashboard: the books by time: accepted = stored + buffered + dead-lettered, and what is missing. The last check of each
-- bucket; duplicates: repeats that were answered and not stored again.
SELECT
  time,
  any(c.accepted) AS accepted,
  any(c.stored) AS stored,
  any(c.buffered) AS buffered,
  any(c.dead_lettered) AS dead_lettered,
  toUInt64(sum(d.n)) AS duplicates,
  any(c.difference) AS difference
FROM (
  SELECT
    $T AS time,
    argMax(accepted, ts) AS accepted,
    argMax(stored, ts) AS stored,
    argMax(buffered, ts) AS buffered,
    argMax(dead_lettered, ts) AS dead_lettered,
    argMax(difference, ts) AS difference
  FROM (
    SELECT slot AS ts, accepted, stored, buffered, dead_lettered, difference
    FROM ledger_checks FINAL
    WHERE site_id = {site:UInt16} AND slot >= toDateTime($A) AND slot < toDateTime($Z)
  )
  GROUP BY time
) AS c
LEFT JOIN (
  SELECT $T AS time, sum(value) AS n
  FROM (
    SELECT at AS ts, value
    FROM monitor FINAL
    WHERE site_id = {site:UInt16} AND name = 'ingest_events_total' AND label = 'duplicate' AND at >= toDateTime($A) AND at < toDateTime($Z)
  )
  GROUP BY time
) AS d USING time
GROUP BY time
ORDER BY time
