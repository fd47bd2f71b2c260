-- Question 3: which configurations do people build, and which make them ask?
-- Built = saved, shared, or the last of a session; an inquiry counts for the configuration it ended with.
SELECT
  toString(c.config) AS config,
  o.model AS model,
  o.parts AS parts,
  c.visitors AS visitors,
  c.sessions AS sessions,
  c.inquiries AS inquiries,
  c.inquiries / c.visitors AS rate,
  wilson_lo(c.inquiries, c.visitors) AS lo,
  wilson_hi(c.inquiries, c.visitors) AS hi,
  c.price AS price
FROM (
  SELECT
    config,
    count() AS visitors,
    sum(times) AS sessions,
    countIf(asked) AS inquiries,
    sum(cents) / nullIf(sum(priced), 0) / 100 AS price
  FROM (
    -- most configurations are one visitor's: a row for each is lighter than a set for each
    SELECT
      b.1 AS config,
      visitor,
      count() AS times,
      max(won AND b.1 = final.1) AS asked,
      sumIf(b.2, b.2 > 0) AS cents,
      countIf(b.2 > 0) AS priced
    FROM (
      SELECT
        visitor,
        argMaxIf((config_hash, events.price_cents), (ts, seq), type = 'config') AS final,
        arrayDistinct(arrayPushBack(
          groupArrayIf((config_hash, events.price_cents), type = 'config' AND kind IN ('save', 'share')),
          final)) AS built,
        max(type = 'inquiry') AS won
      FROM events
      WHERE $V AND type IN ('config', 'inquiry')
      GROUP BY visitor, session
      HAVING countIf(type = 'config') > 0
    )
    ARRAY JOIN built AS b
    GROUP BY config, visitor
  )
  GROUP BY config
  ORDER BY visitors DESC, toString(config)
  LIMIT 1000
) AS c
LEFT JOIN (
  SELECT config_hash, min(configs.model) AS model, any(configs.parts) AS parts
  FROM configs
  WHERE site_id = {site:UInt16} AND ts >= $A - toIntervalDay(1) AND ts < $Z
  GROUP BY config_hash
) AS o ON o.config_hash = c.config
ORDER BY visitors DESC, config
