-- Question 6: do sessions with a slow largest paint ask less? Tenths of sessions by LCP: an association, not a cause.
SELECT
  concat(toString(round(min(v))), '–', toString(round(max(v))), ' ms') AS band,
  count() AS n,
  countIf(won) AS k,
  k / n AS rate,
  wilson_lo(k, n) AS lo,
  wilson_hi(k, n) AS hi
FROM (
  SELECT v, won, ntile(10) OVER (ORDER BY v, session ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS tile
  FROM (
    SELECT session, maxIf(value, type = 'vital') AS v, max(type = 'inquiry') AS won
    FROM vitals
    WHERE $R AND $M AND visitor != 0 AND metric IN ('LCP', 'inquiry') AND (metric = 'LCP' OR type = 'inquiry')
    GROUP BY session
    HAVING v > 0
  )
)
GROUP BY tile
ORDER BY tile
