-- Questions 7 and 8: one row per lead; every question about money starts here. A lead is an inquiry that is not spam, or
-- an `inquiry` event that no inquiry row tells of (sites with their own form). Such an event is known by its reference,
-- by its page instance, or, without consent, by an anonymous inquiry within two minutes.
-- A lead is open until it is ordered or lost: `ordered_at` is its first order or, without one, the time at which somebody
-- said that it is ordered; what was said at `to` or later is not known yet.
-- `visitor`: who asked, as text; 0 where the form was not allowed to name him.
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
      -- one condition, and GLOBAL: else `ref` and `stream` are read of all rows before `type` says which are inquiries
      AND NOT (
        toUUIDOrZero(ref) GLOBAL IN (SELECT inquiry_id FROM told)
        OR asks.stream GLOBAL IN (SELECT assumeNotNull(told.stream) FROM told WHERE told.stream IS NOT NULL)
        OR (toUUIDOrZero(ref) = toUUID('00000000-0000-0000-0000-000000000000')
          AND arrayExists(x -> abs(dateDiff('second', x, ts)) <= 120, (SELECT groupArray(created) FROM told WHERE told.stream IS NULL))))
  ),
  -- an order without an inquiry belongs to the newest event of its visitor that came before it
  all_leads AS (
    SELECT inquiry_id, created, state, price_cents, config_hash, visitor, version, created AS next
    FROM told
    WHERE state != 'spam'
    UNION ALL
    SELECT
      inquiry_id, created, state, price_cents, config_hash, visitor, 0 AS version,
      if(visitor = 0, created, leadInFrame(created, 1, $Z) OVER (PARTITION BY visitor ORDER BY created ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)) AS next
    FROM asked
  ),
  paid_orders AS (
    SELECT
      ifNull(orders.inquiry_id, toUUID('00000000-0000-0000-0000-000000000000')) AS named,
      placed AS placed_at,
      amount_cents AS cents,
      orders.visitor AS who
    FROM orders FINAL
    WHERE site_id = {site:UInt16} AND orders.status != 'cancelled' AND placed < $Z
  )
SELECT
  l.inquiry_id AS inquiry_id,
  l.created AS lead_at,
  l.state AS status,
  l.price_cents / 100 AS price,
  toString(l.config_hash) AS config_hash,
  toString(l.visitor) AS visitor,
  fromUnixTimestamp64Milli(toInt64(l.version), 'UTC') AS said_at,
  coalesce(
    if(empty(l.own), NULL, arrayMin(arrayMap(o -> o.1, l.own))),
    if(l.state = 'ordered' AND said_at < $Z, said_at, NULL)) AS ordered_at,
  arraySum(arrayMap(o -> o.2, l.own)) / 100 AS paid,
  if(l.state = 'lost' AND said_at < $Z, said_at, NULL) AS lost_at,
  multiIf(l.visitor = 0, 'unknown', l.saves AND l.visits >= 2, 'hot', l.saves OR l.visits >= 2, 'warm', 'cold') AS tier
FROM (
  SELECT
    a.inquiry_id AS inquiry_id,
    a.created AS created,
    a.state AS state,
    a.price_cents AS price_cents,
    a.config_hash AS config_hash,
    a.version AS version,
    a.visitor AS visitor,
    a.visits AS visits,
    a.saves AS saves,
    arrayConcat(n.list, arrayFilter(o -> o.1 >= a.created AND o.1 < a.next, w.list)) AS own
  FROM (
    -- the leads are the small side: the visits stream past them
    SELECT
      q.inquiry_id AS inquiry_id, q.created AS created, any(q.state) AS state, any(q.price_cents) AS price_cents,
      any(q.config_hash) AS config_hash, any(q.version) AS version, any(q.visitor) AS visitor, any(q.next) AS next,
      uniqExactIf(v.session, v.first_step > toDateTime64(0, 3, 'UTC') AND v.first_step <= q.created) AS visits,
      max(v.first_save > toDateTime64(0, 3, 'UTC') AND v.first_save <= q.created) AS saves
    FROM (
      SELECT visitor, session, first_step, first_save
      -- events are kept for 25 months at most, and every day between is listed
      FROM visits_of(site = {site:UInt16}, from = toDateTime64(today() - 800, 3, 'UTC'), to = $Z)
      WHERE visitor != 0
        AND $H
        AND type IN ('', 'page_view', 'option_select', 'config', 'price_view', 'form', 'inquiry', 'order', 'custom')
    ) AS v
    RIGHT JOIN all_leads AS q ON v.visitor = q.visitor
    GROUP BY q.inquiry_id, q.created
  ) AS a
  LEFT JOIN (
    SELECT named, groupArray((placed_at, cents)) AS list FROM paid_orders GROUP BY named
  ) AS n ON n.named = a.inquiry_id
  LEFT JOIN (
    SELECT who, groupArray((placed_at, cents)) AS list
    FROM paid_orders
    WHERE named = toUUID('00000000-0000-0000-0000-000000000000') AND who != 0
    GROUP BY who
  ) AS w ON w.who = a.visitor
) AS l
ORDER BY lead_at, inquiry_id
