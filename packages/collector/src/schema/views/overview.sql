-- Question 1: the same by time. A visitor counts once in each bucket he came in, so buckets never add up to the total.
-- A `step` that quarters of an hour do not fill is answered from the events themselves.
SELECT
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
FROM (
  SELECT
    toDateTime64(ts, 3, 'UTC') AS ts, visitor, session, consent, bot, channel, device, country, model,
    page_views, options, inquiries_n, orders_n, order_cents
  FROM visits_of(site = {site:UInt16}, from = $A, to = if({step:UInt32} % 900 = 0, $Z, $A))
  UNION ALL
  SELECT
    ts, visitor, session, consent, bot, channel, device, country, model,
    type = 'page_view', type = 'option_select', type = 'inquiry', type = 'order', if(type = 'order', price_cents, 0)
  FROM events
  WHERE $R AND {step:UInt32} % 900 != 0
) AS visits
WHERE $N
GROUP BY time
ORDER BY time
