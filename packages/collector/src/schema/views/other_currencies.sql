-- Orders and inquiries whose money is not in `currency`, the site's: sums add them up as if it were.
SELECT other, countIf(ordered) AS orders, countIf(NOT ordered) AS inquiries
FROM (
  SELECT toString(orders.currency) AS other, true AS ordered
  FROM orders FINAL
  WHERE site_id = {site:UInt16} AND orders.status != 'cancelled' AND placed >= $A AND placed < $Z
  UNION ALL
  SELECT toString(inquiries.currency), false
  FROM inquiries FINAL
  WHERE site_id = {site:UInt16} AND inquiries.status != 'spam' AND created >= $A AND created < $Z
)
WHERE other NOT IN ('', {currency:String})
GROUP BY other
ORDER BY other
