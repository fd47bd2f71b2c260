-- Question 9: with which configurations did sessions end, by model and week? In how many sessions it was the last one with a
-- price (`n`), and what it cost there, in major units; with how many visitors it was the last of all (`chosen`), of those
-- who changed, saved or shared something: whoever leaves what he was shown first has chosen nothing. What they hold tells
-- `configurations`.
SELECT week, model, toString(last) AS config, chosen, n, cents / nullIf(n, 0) / 100 AS price
FROM (
  SELECT
    toStartOfWeek(fromUnixTimestamp64Milli(intDiv(at, 1048576), 'UTC'), 1, {tz:String}) AS week,
    toString(last_model) AS model,
    last,
    countIf(last_cents > 0) AS n,
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
)
WHERE n > 0 OR chosen > 0
ORDER BY n DESC, week, model, config
LIMIT 500000
