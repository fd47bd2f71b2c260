-- Question 3: which configurations do people build, and which make them ask?
-- Built = saved, shared, or the last of a session; an inquiry counts for the configuration it ended with.
SELECT
  toString(b.1) AS config,
  any(b.2) AS model,
  any(b.3) AS parts,
  uniqExact(visitor) AS visitors,
  count() AS sessions,
  uniqExactIf(visitor, won AND b.1 = final.1) AS inquiries,
  inquiries / visitors AS rate,
  wilson_lo(inquiries, visitors) AS lo,
  wilson_hi(inquiries, visitors) AS hi,
  avgIf(b.4, b.4 > 0) / 100 AS price
FROM (
  SELECT
    visitor,
    argMaxIf((config_hash, toString(events.model), parts, events.price_cents), (ts, seq), type = 'config') AS final,
    arrayDistinct(arrayPushBack(
      groupArrayIf((config_hash, toString(events.model), parts, events.price_cents), type = 'config' AND kind IN ('save', 'share')),
      final)) AS built,
    max(type = 'inquiry') AS won
  FROM events
  WHERE $V AND type IN ('config', 'inquiry')
  GROUP BY visitor, session
  HAVING countIf(type = 'config') > 0
)
ARRAY JOIN built AS b
GROUP BY config
ORDER BY visitors DESC, config
LIMIT 1000
