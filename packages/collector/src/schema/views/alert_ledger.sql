-- Alert ledger: events that the books miss at the last check of the window (kind books), and how far the capture rate of
-- the streams that began in it lies below 99 % (kind capture, points; from 200 generated events on); above 0.
SELECT s.name AS site, toString(s.site_id) AS site_id, k AS kind,
  if(k = 'books', toFloat64(abs(b.missing)), if(c.generated < 200, 0, greatest(0, 99 - 100 * c.have / c.generated))) AS value
FROM (SELECT site_id, name, arrayJoin(['books', 'capture']) AS k FROM (SELECT site_id, name FROM site_settings FINAL)) AS s
LEFT JOIN (
  SELECT site_id, argMax(difference, slot) AS missing
  FROM ledger_checks FINAL
  WHERE slot >= toDateTime($A) AND slot < toDateTime($Z)
  GROUP BY site_id
) AS b ON b.site_id = s.site_id
LEFT JOIN (
  SELECT site_id, sum(have) AS have, sum(greatest(said, seen)) AS generated
  FROM (
    SELECT
      site_id,
      stream,
      min(events.ts) AS began,
      countIf(NOT startsWith(type, 'stream_')) AS have,
      if(have = 0, 0, toUInt64(maxIf(seq, NOT startsWith(type, 'stream_'))) + 1) AS seen,
      toUInt64(maxIf(events.value, type = 'stream_end')) AS said
    FROM events
    WHERE toDate(ts) >= toDate($A) - 1 AND ts < $Z
    GROUP BY site_id, stream
    HAVING began >= $A
  )
  GROUP BY site_id
) AS c ON c.site_id = s.site_id
ORDER BY site_id, kind
