-- What each page instance did in each quarter of an hour (UTC, so that zones at :30 and :45 cut it too): overview,
-- sessions and the capture rate read it. 17 times fewer rows than events.
-- order by: site_id, visitor, session, stream
-- keep: visitor
-- grain: 900
SELECT
  toDate(events.ts) AS day,
  site_id,
  toStartOfFifteenMinutes(events.ts) AS ts,
  visitor,
  session,
  stream,
  consent,
  bot,
  channel,
  device,
  country,
  browser,
  sdk,
  min(events.ts) AS first_ts,
  minIf(events.ts, NOT startsWith(type, 'stream_')) AS first_event,
  maxIf(events.ts, NOT startsWith(type, 'stream_')) AS last_event,
  countIf(NOT startsWith(type, 'stream_')) AS events_n,
  maxIf(toInt64(seq), NOT startsWith(type, 'stream_')) AS last_seq,
  maxIf(value, type = 'stream_end') AS announced,
  countIf(type = 'page_view') AS page_views,
  countIf(type = 'option_select') AS options,
  countIf(type IN ('config', 'price_view')) AS configs,
  countIf(type = 'inquiry') AS inquiries_n,
  countIf(type = 'order') AS orders_n,
  sumIf(price_cents, type = 'order') AS order_cents
FROM events
WHERE site_id != 0
GROUP BY day, site_id, ts, visitor, session, stream, consent, bot, channel, device, country, browser, sdk
