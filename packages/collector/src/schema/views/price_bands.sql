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
  SELECT argMaxIf(price_cents, (ts, seq), type = 'price_view') / 100 AS p, max(type = 'inquiry') AS won
  FROM events
  WHERE $V AND type IN ('price_view', 'inquiry')
  GROUP BY visitor
  HAVING p > 0
)
GROUP BY price_from
ORDER BY price_from
