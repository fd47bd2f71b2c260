-- Question 1: `overview_total` and `overview` from one reading. `whole`: the total, whose `time` says nothing. `step`: hours
-- or days, anything that quarters of an hour fill.
SELECT
  grouping(time) AS whole,
  $T AS time,
  uniqExactIf(visitor, visitor != 0) AS visitors,
  uniqExactIf(session, session != 0) AS sessions,
  sum(visits.page_views) AS page_views,
  uniqExactIf(visitor, visitor != 0 AND options > 0) AS configurations,
  uniqExactIf(visitor, visitor != 0 AND inquiries_n > 0) AS inquiring,
  sum(inquiries_n) AS inquiries,
  sum(orders_n) AS orders,
  sum(order_cents) / 100 AS revenue,
  uniqExactIf(visitor, visitor != 0 AND consent != 'none') AS consented,
  uniqExactIf(visitor, visitor != 0 AND consent != 'none' AND inquiries_n > 0) AS consented_inquiring
FROM visits_of(site = {site:UInt16}, from = $A, to = $Z) AS visits
WHERE $N
GROUP BY GROUPING SETS ((time), ())
ORDER BY whole DESC, time
