-- Question 10: with which options did those end who saved or shared a configuration, from `since` on (`n`) and until then
-- (`before`)? Saved ones run ahead of orders: the mix that production will need. The model of
-- a visitor is what he looked at in the same part of the range.
SELECT group, option, sum(recently) AS n, sum(earlier) AS before
FROM (
  SELECT last, countIf(recent) AS recently, countIf(NOT recent) AS earlier
  FROM (
    SELECT recent, argMax(last_kept, kept_at) AS last
    FROM (
      SELECT visitor, last_kept, kept_at, bot, channel, device, country, 1 AS recent
      FROM visits_of(site = {site:UInt16}, from = {since:DateTime64(3,'UTC')}, to = $Z)
      WHERE visitor != 0 AND type IN ('', 'config') AND kept_at > 0
        AND (has({model:Array(String)}, '*') OR visitor IN (SELECT visitor FROM journey
          WHERE site_id = {site:UInt16} AND ts >= {since:DateTime64(3,'UTC')} AND ts < $Z AND model IN {model:Array(String)}))
      UNION ALL
      SELECT visitor, last_kept, kept_at, bot, channel, device, country, 0 AS recent
      FROM visits_of(site = {site:UInt16}, from = $A, to = {since:DateTime64(3,'UTC')})
      WHERE visitor != 0 AND type IN ('', 'config') AND kept_at > 0
        AND (has({model:Array(String)}, '*') OR visitor IN (SELECT visitor FROM journey
          WHERE site_id = {site:UInt16} AND ts >= $A AND ts < {since:DateTime64(3,'UTC')} AND model IN {model:Array(String)}))
    )
    WHERE $H AND $G
    GROUP BY recent, visitor
  )
  GROUP BY last
) AS c
INNER JOIN (
  SELECT config_hash, any(k.parts) AS ps
  FROM configs_of(site = {site:UInt16}, from = toDateTime64(toStartOfDay($A, 'UTC'), 3, 'UTC'), to = $Z) AS k
  WHERE type IN ('', 'config')
  GROUP BY config_hash
) AS o ON o.config_hash = c.last
ARRAY JOIN mapKeys(ps) AS group, mapValues(ps) AS option
GROUP BY group, option
ORDER BY group, n DESC, option
