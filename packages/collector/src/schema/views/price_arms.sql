-- Question 9: who asked at which price, by chance: visitors of each arm of each experiment, and what the configuration
-- they ended with cost (`config` 0: none after the exposure). Those who saw two arms are left out. `arm_n` and `arm_k`:
-- the whole arm, whatever the limit leaves off.
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
    last.1 AS config,
    count() AS n,
    avg(last.2) / 100 AS price,
    sum(n) OVER (PARTITION BY experiment, arm) AS arm_n,
    sum(sum(asked)) OVER (PARTITION BY experiment, arm) AS arm_k
  FROM (
    SELECT
      e.experiment AS experiment,
      e.visitor AS visitor,
      any(e.arm) AS arm,
      argMaxIf((x.config_hash, x.price_cents), (x.ts, x.seq), x.type = 'config' AND x.ts >= e.t0) AS last,
      max(x.type = 'inquiry' AND x.ts >= e.t0) AS asked
    FROM (
      SELECT
        visitor,
        toString(events.experiment) AS experiment,
        toString(argMin(variant, (ts, seq))) AS arm,
        min(ts) AS t0
      FROM events
      WHERE $P AND type = 'exposure' AND events.experiment != ''
      GROUP BY visitor, experiment
      HAVING uniqExact(variant) = 1
    ) AS e
    LEFT JOIN (
      SELECT visitor, ts, seq, toString(type) AS type, config_hash, price_cents
      FROM events
      WHERE $P AND type IN ('config', 'inquiry') AND (type = 'inquiry' OR price_cents > 0)
    ) AS x ON x.visitor = e.visitor
    GROUP BY experiment, visitor
  )
  GROUP BY experiment, arm, config
)
ORDER BY n DESC, experiment, arm, config
LIMIT 2000
