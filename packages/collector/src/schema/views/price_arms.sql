-- Question 9: who asked at which price, by chance: visitors of each arm of each experiment, and what the configuration
-- they ended with cost (`config` 0: none with a price after the exposure). Those who saw two arms are left out.
-- `version` of the experiment, each with its own arms; a page that told none (0) takes part in those that the visitor saw
-- besides. `arm_n` and `arm_k`: the whole arm, whatever the limit leaves off.
SELECT
  experiment,
  version,
  arm,
  toString(config) AS config,
  n,
  price,
  arm_n,
  arm_k
FROM (
  SELECT
    experiment,
    version,
    arm,
    config,
    count() AS n,
    avg(cents) / 100 AS price,
    sum(n) OVER (PARTITION BY experiment, version, arm) AS arm_n,
    sum(sum(asked)) OVER (PARTITION BY experiment, version, arm) AS arm_k
  FROM (
    SELECT
      e.experiment AS experiment,
      e.version AS version,
      e.arm AS arm,
      x.cents > 0 AND intDiv(x.at, 1048576) >= toUnixTimestamp64Milli(e.t0) AS priced,
      if(priced, x.last, 0) AS config,
      if(priced, x.cents, 0) AS cents,
      x.asked_at >= e.t0 AS asked
    FROM (
      SELECT visitor, experiment, shown.1 AS version, shown.2[1] AS arm, shown.3 AS t0
      FROM (
        SELECT
          visitor,
          toString(exposures.experiment) AS experiment,
          groupArray((version, toString(variant), ts)) AS seen,
          arrayDistinct(arrayMap(s -> s.1, seen)) AS told,
          arrayMap(
            v -> (
              v,
              arrayDistinct(arrayMap(s -> s.2, arrayFilter(s -> s.1 = v OR s.1 = 0, seen))),
              arrayMin(arrayMap(s -> s.3, arrayFilter(s -> s.1 = v OR s.1 = 0, seen)))),
            if(told = [0], told, arrayFilter(v -> v != 0, told))) AS versions
        FROM exposures
        WHERE $R AND $M AND visitor != 0 AND consent != 'none' AND exposures.experiment != ''
        GROUP BY visitor, experiment
      )
      ARRAY JOIN versions AS shown
      WHERE length(shown.2) = 1
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
  GROUP BY experiment, version, arm, config
)
ORDER BY n DESC, experiment, version, arm, config
LIMIT 2000
