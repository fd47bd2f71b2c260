-- Question 14: the channels of each visitor's sessions up to the first inquiry, repeats kept. `lookback_days` before it.
-- `value`: prices that were seen last.
SELECT path, sum(won) AS conversions, sum(1 - won) AS nulls, sum(worth) AS value
FROM (
  SELECT
    min(inq) AS ct,
    ct IS NOT NULL AS won,
    max(w) AS worth,
    arrayMap(x -> toString(x.2), arraySort(x -> (x.1, x.2), arrayFilter(
      x -> ct IS NULL OR (x.1 <= assumeNotNull(ct) AND x.1 >= assumeNotNull(ct) - toIntervalDay({lookback_days:UInt32})),
      groupArray((t, ch))))) AS path
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
)
WHERE notEmpty(path)
GROUP BY path
ORDER BY conversions DESC, path
