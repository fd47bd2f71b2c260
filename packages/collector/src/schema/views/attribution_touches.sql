-- Question 14: converters only, with the days between each session and the inquiry, for the rules. `value` is the price
-- that was seen last; what the inquiry is worth is a matter of the leads (`visitor`, `asked_at`).
SELECT
  arrayMap(x -> toString(x.2), a) AS channels,
  arrayMap(x -> dateDiff('minute', x.1, ct) / 1440, a) AS days_before,
  worth AS value,
  toString(visitor) AS visitor,
  ct AS asked_at
FROM (
  SELECT
    visitor,
    assumeNotNull(min(inq)) AS ct,
    max(w) AS worth,
    arraySort(x -> (x.1, x.2), arrayFilter(
      x -> x.1 <= ct AND x.1 >= ct - toIntervalDay({lookback_days:UInt32}),
      groupArray((t, ch)))) AS a
  FROM (
    SELECT
      visitor,
      session,
      min(ts) AS t,
      argMin(channel, $O) AS ch,
      minOrNullIf(ts, type = 'inquiry') AS inq,
      if(max(type = 'inquiry'), argMaxIf(price_cents, $O, price_cents > 0) / 100, 0) AS w
    FROM journey
    WHERE $R AND $F AND visitor != 0 AND consent != 'none' AND type != 'order'
    GROUP BY visitor, session
  )
  GROUP BY visitor
  HAVING min(inq) IS NOT NULL
)
