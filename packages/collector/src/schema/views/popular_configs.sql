-- Question 3: which configurations do people build, and which make them ask?
-- Built = saved, shared, or the last of a session; an inquiry counts for the configuration it ended with.
SELECT
  toString(c.config) AS config,
  o.model AS model,
  JSONExtract(o.parts_json, 'Map(String, String)') AS parts,
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
      max(won AND b.1 = final) AS asked,
      sumIf(b.2, b.2 > 0) AS cents,
      countIf(b.2 > 0) AS priced
    FROM (
      SELECT
        visitor,
        argMax(v.config, config_at) AS final,
        argMax(config_cents, config_at) AS final_cents,
        arrayDistinct(arrayPushBack(groupArrayArray(kept), (final, final_cents))) AS built,
        sum(inquiries_n) > 0 AS won
      FROM visits_of(site = {site:UInt16}, from = $A, to = $Z) AS v
      WHERE $N AND visitor != 0 AND type IN ('', 'config', 'inquiry') AND (config_at > 0 OR inquiries_n > 0)
      GROUP BY visitor, session
      HAVING max(config_at) > 0
    )
    ARRAY JOIN built AS b
    GROUP BY config, visitor
  )
  GROUP BY config
  ORDER BY visitors DESC, toString(config)
  LIMIT 1000
) AS c
LEFT JOIN (
  SELECT config_hash, min(f.model) AS model, min(f.parts_json) AS parts_json
  FROM configs_of(site = {site:UInt16}, from = $A, to = $Z) AS f
  GROUP BY config_hash
) AS o ON o.config_hash = c.config
ORDER BY visitors DESC, config
