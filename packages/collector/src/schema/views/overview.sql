-- Question 1: the same by time. A visitor counts once in each bucket he came in, so buckets never add up to the total.
SELECT
  $T AS time,
  uniqExactIf(visitor, visitor != 0) AS visitors,
  uniqExactIf(session, session != 0) AS sessions,
  countIf(type = 'page_view') AS page_views,
  uniqExactIf(visitor, visitor != 0 AND type = 'option_select') AS configurations,
  uniqExactIf(visitor, visitor != 0 AND type = 'inquiry') AS inquiring,
  countIf(type = 'inquiry') AS inquiries,
  countIf(type = 'order') AS orders,
  sumIf(price_cents, type = 'order') / 100 AS revenue,
  uniqExactIf(visitor, visitor != 0 AND consent != 'none') AS consented,
  uniqExactIf(visitor, visitor != 0 AND consent != 'none' AND type = 'inquiry') AS consented_inquiring
FROM events
WHERE $W
GROUP BY time
ORDER BY time
