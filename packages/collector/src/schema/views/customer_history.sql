-- Question 15: what did each customer buy, when? Orders of one day are one; a customer without a visitor is his inquiry.
SELECT
  customer,
  count() - 1 AS repeats,
  dateDiff('day', min(d), max(d)) AS t_x_days,
  dateDiff('day', min(d), toDate($Z, {tz:String})) AS age_days,
  if(repeats > 0, (sum(v) - argMin(v, d)) / repeats, 0) AS mean_value,
  argMin(v, d) AS first_value
FROM (
  SELECT
    multiIf(visitor != 0, toString(visitor), inquiry_id IS NOT NULL, toString(assumeNotNull(inquiry_id)), order_id) AS customer,
    toDate(placed, {tz:String}) AS d,
    sum(amount_cents) / 100 AS v
  FROM orders FINAL
  WHERE site_id = {site:UInt16} AND status != 'cancelled' AND placed < $Z
  GROUP BY customer, d
)
GROUP BY customer
ORDER BY customer
