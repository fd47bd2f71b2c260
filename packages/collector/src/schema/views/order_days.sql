-- Question 7: orders and what they brought, by local day, up to the end of the range; also those that no inquiry tells
-- of.
SELECT toStartOfDay(placed, {tz:String}) AS time, count() AS orders, sum(amount_cents) / 100 AS revenue
FROM orders FINAL
WHERE site_id = {site:UInt16} AND status != 'cancelled' AND placed < $Z
GROUP BY time
ORDER BY time
