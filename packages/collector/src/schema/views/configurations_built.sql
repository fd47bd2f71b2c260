-- Question 3: `popular_configs` and the shares of `option_shares` from one reading. `group` '' is a configuration that was
-- saved, shared or the last of a session, `parts` as JSON: who built it, and whose inquiry ended with it; the 1,000 most
-- frequent. Else an option: `visitors` whose last configuration had it.
SELECT
  cell.1 AS group,
  cell.2 AS option,
  toString(cell.4) AS config,
  any(o.model) AS model,
  any(cell.3) AS parts,
  sum(if(group = '', built_by, last_of)) AS visitors,
  sum(if(group = '', asked_by, 0)) AS inquiries,
  sum(cents) / nullIf(sum(priced), 0) / 100 AS price
FROM (
  SELECT
    config,
    count() AS built_by,
    countIf(asked) AS asked_by,
    countIf(is_last) AS last_of,
    sum(visitor_cents) AS cents,
    sum(visitor_priced) AS priced
  FROM (
    -- most configurations are one visitor's: a row for each is lighter than a set for each
    SELECT
      b.1 AS config,
      visitor,
      max(won AND b.1 = final) AS asked,
      max(latest AND b.1 = final) AS is_last,
      sumIf(b.2, b.2 > 0) AS visitor_cents,
      countIf(b.2 > 0) AS visitor_priced
    FROM (
      SELECT visitor, final, built, won, session = argMax(session, at) OVER (PARTITION BY visitor) AS latest
      FROM (
        SELECT
          visitor,
          session,
          max(config_at) AS at,
          argMax(v.config, config_at) AS final,
          arrayDistinct(arrayPushBack(groupArrayArray(kept), (final, argMax(config_cents, config_at)))) AS built,
          sum(inquiries_n) > 0 AS won
        FROM visits_of(site = {site:UInt16}, from = $A, to = $Z) AS v
        WHERE $N AND visitor != 0 AND type IN ('', 'config', 'inquiry') AND (config_at > 0 OR inquiries_n > 0)
        GROUP BY visitor, session
        HAVING at > 0
      )
    )
    ARRAY JOIN built AS b
    GROUP BY config, visitor
  )
  GROUP BY config
) AS c
LEFT JOIN (
  SELECT config_hash, min(f.model) AS model, any(f.parts) AS ps
  FROM configs_of(site = {site:UInt16}, from = toDateTime64(toStartOfDay($A, 'UTC'), 3, 'UTC'), to = $Z) AS f
  GROUP BY config_hash
) AS o ON o.config_hash = c.config
ARRAY JOIN arrayPushBack(
  arrayMap((g, p) -> (toString(g), toString(p), '', toUInt64(0)), mapKeys(ps), mapValues(ps)),
  ('', '', toJSONString(mapSort(ps)), c.config)) AS cell
GROUP BY group, option, cell.4
HAVING visitors > 0
ORDER BY group, visitors DESC, option, config
LIMIT 1000 BY group
