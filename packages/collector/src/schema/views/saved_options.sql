-- Question 10: with which options did those end who saved or shared a configuration? Saved ones run ahead of orders: the
-- mix that production will need.
SELECT group, option, sum(visitors) AS n
FROM (
  SELECT last, count() AS visitors
  FROM (
    SELECT argMax(last_kept, kept_at) AS last
    FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
    WHERE $N AND visitor != 0 AND type IN ('', 'config') AND kept_at > 0
    GROUP BY visitor
  )
  GROUP BY last
) AS c
INNER JOIN (
  SELECT config_hash, min(k.parts_json) AS held
  FROM configs_of(site = {site:UInt16}, from = toDateTime64(toStartOfDay($A, 'UTC'), 3, 'UTC'), to = $Z) AS k
  WHERE type IN ('', 'config')
  GROUP BY config_hash
) AS o ON o.config_hash = c.last
ARRAY JOIN JSONExtractKeys(held) AS group, arrayMap(pair -> pair.2, JSONExtractKeysAndValues(held, 'String')) AS option
GROUP BY group, option
ORDER BY group, n DESC, option
