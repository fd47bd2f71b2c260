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
    SELECT argMax(config, config_at) AS last, sum(inquiries_n) > 0 AS won
    FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
    WHERE $N AND visitor != 0 AND type IN ('', 'config', 'inquiry') AND (config_at > 0 OR inquiries_n > 0)
    GROUP BY visitor
    HAVING max(config_at) > 0
  )
  GROUP BY last
) AS c
INNER JOIN (
  SELECT config_hash, min(f.parts_json) AS held
  FROM configs_of(site = {site:UInt16}, from = $A, to = $Z) AS f
  GROUP BY config_hash
) AS o ON o.config_hash = c.last
ARRAY JOIN JSONExtractKeys(held) AS group, arrayMap(pair -> pair.2, JSONExtractKeysAndValues(held, 'String')) AS option
GROUP BY group, option
ORDER BY group, n DESC, option
