-- How events came in, in each quarter of an hour (UTC) of their own time: data-quality reads it. The only roll-up that sees
-- bots. `distinct_n` of the rows have a (stream, seq) of their own; `keys`, of a single event, stand for it until they are
-- counted. `lags`: seconds from event to arrival, and how many took so long.
-- order by: site_id, ts
-- keep: months
-- grain: 900
SELECT
  toDate(events.ts) AS day,
  site_id,
  toStartOfFifteenMinutes(events.ts) AS ts,
  count() AS stored,
  countIf(NOT $H) AS bots,
  countIf(bitAnd(bot, 2) != 0) AS automated,
  countIf(visitor = 0) AS without_visitor,
  countIf(consent = 'none') AS consent_none,
  countIf(dateDiff('second', events.ts, received) > 300) AS late,
  countIf(abs(skew_ms) > 5000) AS skewed,
  uniqExact(cityHash64(stream, seq)) AS distinct_n,
  CAST([], 'Array(UInt64)') AS keys,
  sumMap([dateDiff('second', events.ts, received)], [toUInt64(1)]) AS lags
FROM events
WHERE NOT startsWith(type, 'stream_')
GROUP BY day, site_id, ts
-- one by one:
SELECT
  toDate(events.ts) AS day,
  site_id,
  toStartOfFifteenMinutes(events.ts) AS ts,
  toUInt64(1) AS stored,
  toUInt64(NOT $H) AS bots,
  toUInt64(bitAnd(bot, 2) != 0) AS automated,
  toUInt64(visitor = 0) AS without_visitor,
  toUInt64(consent = 'none') AS consent_none,
  toUInt64(dateDiff('second', events.ts, received) > 300) AS late,
  toUInt64(abs(skew_ms) > 5000) AS skewed,
  toUInt64(0) AS distinct_n,
  [cityHash64(stream, seq)] AS keys,
  ([dateDiff('second', events.ts, received)], [toUInt64(1)]) AS lags,
  type
FROM events
WHERE NOT startsWith(type, 'stream_')
