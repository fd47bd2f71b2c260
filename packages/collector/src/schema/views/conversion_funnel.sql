-- Question 4: where do people stop, how long do they take, what does it cost?
-- `steps`: at most eight distinct `type` or `type:name`; `window` in seconds from the entry; `mode` ordered (others may
-- lie between), strict (none may), unordered (any order inside the range, no window); `unit` visitor, session, stream;
-- `breakdown` '' channel device country model. Units enter in [from, to), later steps follow within the window.
-- Over windows of more than a day visitors without consent are left out: their id lives one day.
SELECT
  segment,
  i AS position,
  $S[i] AS step,
  countIf(l >= i) AS visitors,
  countIf(l >= greatest(i - 1, 1)) AS before,
  visitors / before AS rate,
  wilson_lo(visitors, before) AS lo,
  wilson_hi(visitors, before) AS hi,
  quantileExactIf(0.5)((m[i] - m[i - 1]) / 1000, i > 1 AND l >= i AND m[i] >= m[i - 1]) AS median_s,
  sumIf(last_price, i > 1 AND l = i - 1) AS value_lost,
  countIf(i > 1 AND l = i - 1 AND m[1] + {window:UInt32} * 1000 > toUnixTimestamp64Milli(now64(3))) AS open
FROM (
  SELECT
    if({breakdown:String} = 'model', argMaxIf(b, t, b != ''), argMinIf(b, t, b != '')) AS segment,
    argMaxIf(price_cents, t, price_cents > 0) / 100 AS last_price,
    [minIf(t, s = 1), minIf(t, s = 2), minIf(t, s = 3), minIf(t, s = 4),
     minIf(t, s = 5), minIf(t, s = 6), minIf(t, s = 7), minIf(t, s = 8)] AS m,
    -- windowFunnel takes neither DateTime64 nor Int64
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
      toUInt64(toUnixTimestamp64Milli(ts)) AS t,
      ts < $Z AS entry,
      -- nested, because only `if` drops the branches not taken and the columns they would read
      if({breakdown:String} = 'channel', channel,
        if({breakdown:String} = 'device', device,
          if({breakdown:String} = 'country', country,
            if({breakdown:String} = 'model', model, toLowCardinality(''))))) AS b,
      price_cents,
      transform(step, $S, arrayEnumerate($S), transform(type, $S, arrayEnumerate($S), 0)) AS s
    FROM journey
    WHERE site_id = {site:UInt16}
      AND ts >= $A
      AND ts < $Z + toIntervalSecond({window:UInt32})
      AND $F
      AND u != 0
      AND ({unit:String} != 'visitor' OR {window:UInt32} <= 86400 OR consent != 'none')
      -- strict_order sees only the rows that reach it
      AND ({mode:String} = 'strict' OR step IN $S OR type IN $S)
  )
  GROUP BY u
)
ARRAY JOIN range(1, length($S) + 1) AS i
WHERE l > 0
GROUP BY segment, i
ORDER BY segment, i
