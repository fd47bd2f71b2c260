-- Question 4: what are the configurations worth that nobody sent, by how far their visitors got?
SELECT stage, count() AS n, sum(p) AS value
FROM (
  SELECT
    argMaxIf(price_cents, $O, price_cents > 0) / 100 AS p,
    multiIf(
      max(step IN ('config:save', 'config:share')), 'saved',
      max(type = 'price_view'), 'price seen',
      max(type = 'option_select'), 'configured',
      'visited') AS stage,
    max(type = 'inquiry') AS won
  FROM journey
  -- only these carry a price or a stage
  WHERE $R AND $F AND visitor != 0 AND type IN ('option_select', 'price_view', 'config', 'inquiry', 'order', 'custom')
  GROUP BY visitor
)
WHERE NOT won AND p > 0
GROUP BY stage
ORDER BY value DESC, stage
