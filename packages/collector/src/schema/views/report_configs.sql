-- The ranking of configurations over 7, 30 and 90 days as its job last made it. A rank that another holder of the slot
-- wrote before, and the last one did not, is none.
SELECT
  days,
  slot AS time,
  rank,
  toString(config) AS config,
  toString(model) AS model,
  parts,
  visitors,
  inquiries,
  value AS rate,
  lo,
  hi,
  price
FROM popular_configs_ranking FINAL
WHERE site_id = {site:UInt16}
  AND (days, slot, version) IN (
    SELECT days, tupleElement(max((slot, version)) AS newest, 1), tupleElement(newest, 2)
    FROM popular_configs_ranking
    WHERE site_id = {site:UInt16}
    GROUP BY days)
ORDER BY days, rank
