-- Question 3: which share of visitors ended with which option, and did they ask (k)?
SELECT
  group,
  option,
  count() AS n,
  sum(won) AS k,
  sum(n) OVER (PARTITION BY group) AS total,
  n / total AS share,
  wilson_lo(n, total) AS lo,
  wilson_hi(n, total) AS hi
FROM (
  SELECT argMaxIf(parts, (ts, seq), type = 'config') AS ps, max(type = 'inquiry') AS won
  FROM events
  WHERE $V AND type IN ('config', 'inquiry')
  GROUP BY visitor
  HAVING notEmpty(ps)
)
ARRAY JOIN mapKeys(ps) AS group, mapValues(ps) AS option
GROUP BY group, option
ORDER BY group, n DESC, option
