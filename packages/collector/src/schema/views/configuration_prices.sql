-- Question 9: what did configurations cost, by model and week, in major units? The 2,000 most frequent are enough: a
-- price is the sum of its options, and an option is in many of them.
SELECT c.week AS week, c.model AS model, mapSort(o.parts) AS parts, c.price AS price, c.n AS n
FROM (
  SELECT
    toStartOfWeek(ts, 1, {tz:String}) AS week,
    toString(events.model) AS model,
    config_hash AS config,
    avg(price_cents) / 100 AS price,
    count() AS n
  FROM events
  WHERE $V AND type = 'config' AND price_cents > 0
  GROUP BY week, model, config
  ORDER BY n DESC, week, model, config
  LIMIT 2000
) AS c
INNER JOIN (
  SELECT config_hash, any(configs.parts) AS parts
  FROM configs
  WHERE site_id = {site:UInt16} AND ts >= $A - toIntervalDay(1) AND ts < $Z
  GROUP BY config_hash
) AS o ON o.config_hash = c.config
ORDER BY n DESC, week, model, price, c.config
