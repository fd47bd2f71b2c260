-- Question 3: which share of visitors ended with which option, and did they ask (k)?
SELECT
  group,
  option,
  sum(visitors) AS n,
  sum(asked) AS k,
  sum(n) OVER (PARTITION BY group) AS total,
  n / total AS share,
  wilson_lo(n, total) AS lo,
  wilson_hi(n, total) AS hi
FROM (
  SELECT last, count() AS visitors, sum(won) AS asked
  FROM (
    SELECT argMaxIf(config_hash, (ts, seq), type = 'config') AS last, countIf(type = 'config') AS n, max(type = 'inquiry') AS won
    FROM events
    WHERE $V AND type IN ('config', 'inquiry')
    GROUP BY visitor
    HAVING n > 0
  )
  GROUP BY last
) AS c
INNER JOIN (
  SELECT config_hash, any(configs.parts) AS ps
  FROM configs
  WHERE site_id = {site:UInt16} AND ts >= $A - toIntervalDay(1) AND ts < $Z
  GROUP BY config_hash
) AS o ON o.config_hash = c.last
ARRAY JOIN mapKeys(ps) AS group, mapValues(ps) AS option
GROUP BY group, option
ORDER BY group, n DESC, option
