-- Question 9: who asked at which price, by chance: visitors of each arm of each experiment, and what the configuration
-- they ended with cost (`config` 0: none with a price after the exposure). Those who saw two arms are left out. `arm_n`
-- and `arm_k`: the whole arm, whatever the limit leaves off.
SELECT
  experiment,
  arm,
  toString(config) AS config,
  n,
  price,
  arm_n,
  arm_k
FROM (
  SELECT
    experiment,
    arm,
    config,
    count() AS n,
    avg(cents) / 100 AS price,
    sum(n) OVER (PARTITION BY experiment, arm) AS arm_n,
    sum(sum(asked)) OVER (PARTITION BY experiment, arm) AS arm_k
  FROM (
    SELECT
      e.experiment AS experiment,
      e.arm AS arm,
      x.cents > 0 AND intDiv(x.at, 1048576) >= toUnixTimestamp64Milli(e.t0) AS priced,
      if(priced, x.last, 0) AS config,
      if(priced, x.cents, 0) AS cents,
      x.asked_at >= e.t0 AS asked
    FROM (
      SELECT
        visitor,
        toString(exposures.experiment) AS experiment,
        toString(argMin(variant, (ts, seq))) AS arm,
        min(ts) AS t0
      FROM exposures
      WHERE $R AND $M AND visitor != 0 AND consent != 'none' AND exposures.experiment != ''
      GROUP BY visitor, experiment
      HAVING uniqExact(variant) = 1
    ) AS e
    LEFT JOIN (
      SELECT
        visitor,
        argMax(v.config, config_at) AS last,
        argMax(config_cents, config_at) AS cents,
        max(config_at) AS at,
        max(last_inquiry) AS asked_at
      FROM visits_of(site = {site:UInt16}, from = $A, to = $Z) AS v
      WHERE $N
        AND visitor != 0
        AND consent != 'none'
        AND type IN ('', 'config', 'inquiry')
        AND (config_at > 0 OR inquiries_n > 0)
      GROUP BY visitor
    ) AS x ON x.visitor = e.visitor
  )
  GROUP BY experiment, arm, config
)
ORDER BY n DESC, experiment, arm, config
LIMIT 2000
