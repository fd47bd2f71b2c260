-- Question 1: how many came, configured, asked, ordered, in the whole range?
-- Distinct counts are exact, because rates are made of them.
SELECT
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
