-- Question 4: what are the configurations worth that nobody sent, by how far their visitors got?
SELECT ['visited', 'configured', 'price seen', 'saved'][reached] AS stage, count() AS n, sum(p) AS value
FROM (
  SELECT
    argMax(shown_cents, shown_at) / 100 AS p,
    max(multiIf(saves > 0, 4, price_views > 0, 3, options > 0, 2, 1)) AS reached
  FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
  -- only these carry a price or a stage
  WHERE $N AND visitor != 0 AND type IN ('', 'option_select', 'price_view', 'config', 'inquiry', 'order', 'custom')
  GROUP BY visitor
  HAVING sum(inquiries_n) = 0 AND p > 0
)
GROUP BY reached
ORDER BY value DESC, stage
