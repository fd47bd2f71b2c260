-- Question 9: with which configurations did sessions end, by model and week? Told twice, from one reading. `group` '' is a
-- whole house with its parts: in how many sessions it was the last one (`n`, those with a price) and what it cost there,
-- in major units; the 2,000 most frequent are enough, because a price is the sum of its options, and an option is in many
-- of them. Else an option: `visitors` who ended with it, of those who changed, saved or shared something: whoever leaves
-- what he was shown first has chosen nothing.
SELECT
  week,
  model,
  cell.1 AS group,
  cell.2 AS option,
  mapSort(any(cell.3)) AS parts,
  sum(chosen) AS visitors,
  sum(priced) AS n,
  sum(cents) / n / 100 AS price
FROM (
  SELECT
    toStartOfWeek(fromUnixTimestamp64Milli(intDiv(at, 1048576), 'UTC'), 1, {tz:String}) AS week,
    toString(last_model) AS model,
    last,
    countIf(last_cents > 0) AS priced,
    sumIf(last_cents, last_cents > 0) AS cents,
    countIf(moves > 0 AND at = latest) AS chosen
  FROM (
    SELECT
      last,
      last_model,
      last_cents,
      at,
      max(at) OVER (PARTITION BY visitor) AS latest,
      sum(own_moves) OVER (PARTITION BY visitor) AS moves
    FROM (
      SELECT
        visitor,
        argMax(v.config, config_at) AS last,
        argMax(config_model, config_at) AS last_model,
        argMax(config_cents, config_at) AS last_cents,
        max(config_at) AS at,
        sum(config_moves) AS own_moves
      FROM visits_of(site = {site:UInt16}, from = $A, to = $Z) AS v
      WHERE $N AND visitor != 0 AND type IN ('', 'config') AND config_at > 0
      GROUP BY visitor, session
    )
  )
  GROUP BY week, model, last
) AS c
INNER JOIN (
  SELECT config_hash, any(k.parts) AS ps
  FROM configs_of(site = {site:UInt16}, from = toDateTime64(toStartOfDay($A, 'UTC'), 3, 'UTC'), to = $Z) AS k
  WHERE type IN ('', 'config')
  GROUP BY config_hash
) AS o ON o.config_hash = c.last
ARRAY JOIN arrayPushBack(
  arrayMap((g, o) -> (toString(g), toString(o), CAST(map(), 'Map(LowCardinality(String), LowCardinality(String))'), toUInt64(0)), mapKeys(ps), mapValues(ps)),
  ('', '', ps, last)) AS cell
GROUP BY week, model, group, option, cell.4
HAVING group = '' ? n > 0 : visitors > 0
ORDER BY n DESC, week, model, group, option, cell.4
LIMIT 2000 BY group
