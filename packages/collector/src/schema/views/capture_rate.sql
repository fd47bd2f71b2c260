-- Question 16: how many of the generated events are stored? Streams say it themselves: the highest number they used, or
-- the count they announced when they ended. A stream belongs to the bucket of its first event. `by` '' browser sdk device.
SELECT
  $T AS time,
  by_key,
  count() AS streams,
  sum(greatest(said, seen)) AS generated,
  sum(have) AS stored,
  stored / generated AS rate
FROM (
  SELECT
    stream,
    min(events.ts) AS ts,
    countIf(real) AS have,
    if(have = 0, 0, toUInt64(maxIf(seq, real)) + 1) AS seen,
    toUInt64(maxIf(value, type = 'stream_end')) AS said,
    maxIf(k, real) AS by_key
  FROM (
    SELECT
      stream,
      ts,
      seq,
      type,
      value,
      NOT startsWith(type, 'stream_') AS real,
      multiIf(
        {by:String} = 'browser', toString(browser),
        {by:String} = 'sdk', toString(sdk),
        {by:String} = 'device', toString(device),
        '') AS k
    FROM events
    WHERE site_id = {site:UInt16} AND ts >= $A - toIntervalDay(1) AND ts < $Z + toIntervalDay(1)
  ) AS events
  GROUP BY stream
  HAVING ts >= $A AND ts < $Z
)
GROUP BY time, by_key
ORDER BY time, by_key
