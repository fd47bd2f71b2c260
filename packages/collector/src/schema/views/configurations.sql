-- Question 3: what the configurations of the range hold, `parts` as JSON: an option of each group. A hash stands for its
-- options, whenever it was seen.
SELECT toString(config_hash) AS config, named AS model, held AS parts
FROM (
  SELECT config_hash, min(f.model) AS named, min(f.parts_json) AS held
  FROM configs_of(site = {site:UInt16}, from = toDateTime64(toStartOfDay($A, 'UTC'), 3, 'UTC'), to = $Z) AS f
  WHERE type IN ('', 'config')
  GROUP BY config_hash
)
ORDER BY config
