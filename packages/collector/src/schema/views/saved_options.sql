-- Question 10: with which options did those end who saved or shared a configuration? Saved ones run ahead of orders: the
-- mix that production will need.
SELECT group, option, sum(visitors) AS n
FROM (
  SELECT last, count() AS visitors
  FROM (
    SELECT argMax(config_hash, (ts, seq)) AS last
    FROM events
    WHERE $V AND type = 'config' AND kind IN ('save', 'share')
    GROUP BY visitor
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
