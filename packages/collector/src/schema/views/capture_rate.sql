-- Question 16: how many of the generated events are stored? Streams say it themselves: the highest number they used, or
-- the count they announced when they ended. A stream belongs to the bucket of its first event, and is looked for from a
-- day before the range to a day after it. `by` '' browser sdk device.
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
    min(first_ts) AS ts,
    sum(events_n) AS have,
    if(have = 0, 0, toUInt64(maxIf(last_seq, events_n > 0)) + 1) AS seen,
    toUInt64(max(announced)) AS said,
    maxIf(
      multiIf(
        {by:String} = 'browser', toString(browser),
        {by:String} = 'sdk', toString(sdk),
        {by:String} = 'device', toString(device),
        ''),
      events_n > 0) AS by_key
  FROM visits_of(site = {site:UInt16}, from = $A - toIntervalDay(1), to = $Z + toIntervalDay(1))
  GROUP BY stream
  HAVING ts >= $A AND ts < $Z
)
GROUP BY time, by_key
ORDER BY time, by_key
