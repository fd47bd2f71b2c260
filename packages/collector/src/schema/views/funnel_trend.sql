-- Question 4: the funnel by the time of entry. Parameters as `conversion_funnel`, without breakdown, with `step` in
-- seconds.
SELECT
  $T AS time,
  i AS position,
  $S[i] AS step,
  countIf(l >= i) AS visitors,
  countIf(l >= greatest(i - 1, 1)) AS before,
  visitors / before AS rate,
  wilson_lo(visitors, before) AS lo,
  wilson_hi(visitors, before) AS hi
FROM (
  SELECT
    minIf(at, s = 1 AND entry) AS ts,
    if({mode:String} = 'strict',
      toUInt64(windowFunnel({window:UInt32} * 1000, 'strict_order')(
        t, s = 1 AND entry, s = 2, s = 3, s = 4, s = 5, s = 6, s = 7, s = 8)),
      if({mode:String} = 'unordered',
        toUInt64(bitCount(groupBitOr(if(s > 0 AND entry, bitShiftLeft(toUInt64(1), s), 0)))),
        toUInt64(windowFunnel({window:UInt32} * 1000)(
          t, s = 1 AND entry, s = 2, s = 3, s = 4, s = 5, s = 6, s = 7, s = 8)))) AS l
  FROM (
    SELECT
      $U AS u,
      journey.ts AS at,
      toUInt64(toUnixTimestamp64Milli(journey.ts)) AS t,
      journey.ts < $Z AS entry,
      transform(journey.step, $S, arrayEnumerate($S), transform(type, $S, arrayEnumerate($S), 0)) AS s
    FROM journey
    WHERE site_id = {site:UInt16}
      AND ts >= $A
      AND ts < $Z + toIntervalSecond({window:UInt32})
      AND $F
      AND u != 0
      AND ({unit:String} != 'visitor' OR {window:UInt32} <= 86400 OR consent != 'none')
      AND ({mode:String} = 'strict' OR journey.step IN $S OR type IN $S)
  )
  GROUP BY u
  HAVING countIf(s = 1 AND entry) > 0
)
ARRAY JOIN range(1, length($S) + 1) AS i
WHERE l > 0
GROUP BY time, i
ORDER BY time, i
