-- Question 10: how many configured, asked, ordered in each week? The leading indicator; weeks without any of it are 0.
SELECT
  toDateTime(toStartOfWeek(ts, 1, {tz:String}), {tz:String}) AS time,
  uniqExactIf(visitor, visitor != 0 AND options > 0) AS configurations,
  sum(inquiries_n) AS inquiries,
  sum(orders_n) AS orders
FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
WHERE $N
  AND type IN ('', 'option_select', 'inquiry', 'order')
  AND (options > 0 OR inquiries_n > 0 OR orders_n > 0)
GROUP BY time
ORDER BY time WITH FILL STEP toIntervalWeek(1)
