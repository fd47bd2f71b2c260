-- Question 9: which of those who saw a price asked, by the last price they saw? `bucket` in major units. An observed
-- price is not a cause.
SELECT
  floor(p / {bucket:UInt32}) * {bucket:UInt32} AS price_from,
  concat(toString(price_from), '+') AS band,
  count() AS n,
  sum(won) AS k,
  k / n AS rate,
  wilson_lo(k, n) AS lo,
  wilson_hi(k, n) AS hi
FROM (
  SELECT argMax(last_price, price_at) / 100 AS p, sum(inquiries_n) > 0 AS won
  FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
  WHERE $N AND visitor != 0 AND type IN ('', 'price_view', 'inquiry') AND (price_at > 0 OR inquiries_n > 0)
  GROUP BY visitor
  HAVING p > 0
)
GROUP BY price_from
ORDER BY price_from
