-- Questions 7 and 8: one row per lead; every question about money starts here. A lead is an inquiry that is not spam, or
-- an `inquiry` event that no inquiry row tells of (sites with their own form). Such an event is known by its reference,
-- by its page instance, or, without consent, by an anonymous inquiry within two minutes.
-- A lead is open until it is ordered or lost: `ordered_at` is its first order or, without one, the time at which somebody
-- said that it is ordered; what was said at `to` or later is not known yet.
-- `tier` by what the visitor did before: hot = saved and came twice, warm = either, cold = neither.
WITH
  told AS (
    SELECT inquiry_id, created, toString(inquiries.status) AS state, price_cents, config_hash, visitor, stream, version
    FROM inquiries FINAL
    WHERE site_id = {site:UInt16} AND created < $Z
  ),
  asked AS (
    SELECT
      if(toUUIDOrZero(ref) != toUUID('00000000-0000-0000-0000-000000000000'), toUUIDOrZero(ref), reinterpretAsUUID(sipHash128(asks.stream, seq))) AS inquiry_id,
      ts AS created,
      'new' AS state,
      price_cents,
      config_hash,
      visitor
    FROM asks
    WHERE site_id = {site:UInt16}
      AND ts < $Z
      AND toUUIDOrZero(ref) NOT IN (SELECT inquiry_id FROM told)
      AND asks.stream NOT IN (SELECT assumeNotNull(told.stream) FROM told WHERE told.stream IS NOT NULL)
      AND (toUUIDOrZero(ref) != toUUID('00000000-0000-0000-0000-000000000000')
        OR NOT arrayExists(x -> abs(dateDiff('second', x, ts)) <= 120, (SELECT groupArray(created) FROM told WHERE told.stream IS NULL)))
  ),
  all_leads AS (
    SELECT inquiry_id, created, state, price_cents, config_hash, visitor, version, 0 AS by_event
    FROM told
    WHERE state != 'spam'
    UNION ALL
    SELECT inquiry_id, created, state, price_cents, config_hash, visitor, 0 AS version, 1 AS by_event
    FROM asked
  ),
  placed_orders AS (
    SELECT
      if(o.named != toUUID('00000000-0000-0000-0000-000000000000'), o.named, e.inquiry_id) AS lead,
      o.placed_at AS placed_at,
      o.cents AS cents
    FROM (
      SELECT
        ifNull(orders.inquiry_id, toUUID('00000000-0000-0000-0000-000000000000')) AS named,
        placed AS placed_at,
        amount_cents AS cents,
        orders.visitor AS who
      FROM orders FINAL
      WHERE site_id = {site:UInt16} AND orders.status != 'cancelled' AND placed < $Z
    ) AS o
    ASOF LEFT JOIN (
      SELECT inquiry_id, visitor AS who, created FROM all_leads WHERE by_event AND visitor != 0
    ) AS e ON o.who = e.who AND o.placed_at >= e.created
  )
SELECT
  l.inquiry_id AS inquiry_id,
  l.created AS lead_at,
  l.state AS status,
  l.price_cents / 100 AS price,
  toString(l.config_hash) AS config_hash,
  fromUnixTimestamp64Milli(toInt64(l.version), 'UTC') AS said_at,
  coalesce(
    nullIf(o.first_placed, toDateTime64(0, 3, 'UTC')),
    if(l.state = 'ordered' AND said_at < $Z, said_at, NULL)) AS ordered_at,
  o.paid AS paid,
  if(l.state = 'lost' AND said_at < $Z, said_at, NULL) AS lost_at,
  multiIf(l.visitor = 0, 'unknown', v.saves > 0 AND v.visits >= 2, 'hot', v.saves > 0 OR v.visits >= 2, 'warm', 'cold') AS tier
FROM all_leads AS l
LEFT JOIN (
  SELECT lead, min(placed_at) AS first_placed, sum(cents) / 100 AS paid
  FROM placed_orders
  GROUP BY lead
) AS o ON o.lead = l.inquiry_id
LEFT JOIN (
  SELECT q.inquiry_id AS inquiry_id, uniqExact(e.session) AS visits, countIf(e.step = 'config:save') AS saves
  FROM (
    SELECT visitor, session, step, ts
    FROM journey
    WHERE site_id = {site:UInt16}
      AND visitor != 0
      AND visitor IN (SELECT visitor FROM all_leads WHERE visitor != 0)
      AND ts < $Z
  ) AS e
  INNER JOIN (SELECT inquiry_id, visitor, created FROM all_leads WHERE visitor != 0) AS q ON q.visitor = e.visitor
  WHERE e.ts <= q.created
  GROUP BY inquiry_id
) AS v ON v.inquiry_id = l.inquiry_id
