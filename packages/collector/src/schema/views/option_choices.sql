-- Question 9: with which option did visitors end, by model and week? Only visitors who changed, saved or shared something:
-- whoever leaves what he was shown first has chosen nothing.
SELECT week, model, group, option, sum(visitors) AS n
FROM (
  SELECT last.1 AS config, last.2 AS model, last.3 AS week, count() AS visitors
  FROM (
    SELECT argMax((config_hash, toString(events.model), toStartOfWeek(ts, 1, {tz:String})), (ts, seq)) AS last
    FROM events
    WHERE $V AND type = 'config'
    GROUP BY visitor
    HAVING countIf(kind IN ('change', 'save', 'share')) > 0
  )
  GROUP BY config, model, week
) AS c
INNER JOIN (
  SELECT config_hash, any(configs.parts) AS ps
  FROM configs
  WHERE site_id = {site:UInt16} AND ts >= $A - toIntervalDay(1) AND ts < $Z
  GROUP BY config_hash
) AS o ON o.config_hash = c.config
ARRAY JOIN mapKeys(ps) AS group, mapValues(ps) AS option
GROUP BY week, model, group, option
ORDER BY week, model, group, option
