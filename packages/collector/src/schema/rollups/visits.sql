-- What each page instance did in each quarter of an hour (UTC, so that zones at :30 and :45 cut it too): overview,
-- sessions, the capture rate, configurations, options, prices and trends read it. 17 times fewer rows than events.
-- `…_at` puts events in order in one number, milliseconds and then the number in the stream, 0 for none: `argMax` of two
-- numbers is several times faster than that of tuples.
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
  maxIf(events.ts, type = 'inquiry') AS last_inquiry,
  countIf(type = 'order') AS orders_n,
  sumIf(price_cents, type = 'order') AS order_cents,
  -- steps of a journey, saved configurations
  minIf(events.ts, type IN ('page_view', 'option_select', 'config', 'price_view', 'form', 'inquiry', 'order', 'custom')) AS first_step,
  minIf(events.ts, type = 'config' AND kind = 'save') AS first_save,
  -- the last configuration, the last one that was saved or shared, and all of those with their prices
  maxIf($I, type = 'config') AS config_at,
  argMaxIf(config_hash, $I, type = 'config') AS config,
  argMaxIf(price_cents, $I, type = 'config') AS config_cents,
  argMaxIf(model, $I, type = 'config') AS config_model,
  countIf(type = 'config' AND kind IN ('change', 'save', 'share')) AS config_moves,
  maxIf($I, type = 'config' AND kind IN ('save', 'share')) AS kept_at,
  argMaxIf(config_hash, $I, type = 'config' AND kind IN ('save', 'share')) AS last_kept,
  arraySort(groupArrayIf((config_hash, price_cents), type = 'config' AND kind IN ('save', 'share'))) AS kept,
  arraySort(groupUniqArrayIf(model, type = 'config' AND model != '')) AS models,
  -- options, and the changes of the price they made, in cents
  arraySort(groupUniqArrayIf(toLowCardinality(concat(option_group, '/', option)), type = 'option_select')) AS chosen,
  arraySort(groupArrayIf((toLowCardinality(concat(option_group, '/', option)), value), type = 'option_select' AND value != 0)) AS jumps,
  -- the last price of the whole house
  maxIf($I, type = 'price_view') AS price_at,
  argMaxIf(price_cents, $I, type = 'price_view') AS last_price,
  minIf($I, type IN ('page_view', 'price_view', 'inquiry')) AS seen_at,
  -- choosing, keeping, asking: first and last, and the option when the last was one
  minIf($I, type IN ('option_select', 'inquiry') OR (type = 'config' AND kind IN ('save', 'share'))) AS first_act_at,
  maxIf($I, type IN ('option_select', 'inquiry') OR (type = 'config' AND kind IN ('save', 'share'))) AS last_act_at,
  argMaxIf(
    if(type = 'option_select', toLowCardinality(concat(option_group, '/', option)), toLowCardinality('')),
    $I,
    type IN ('option_select', 'inquiry') OR (type = 'config' AND kind IN ('save', 'share'))) AS last_act_option,
  argMaxIf(
    if(type = 'option_select', value, 0),
    $I,
    type IN ('option_select', 'inquiry') OR (type = 'config' AND kind IN ('save', 'share'))) AS last_act_jump
FROM events
WHERE site_id != 0
GROUP BY day, site_id, ts, visitor, session, stream, consent, bot, channel, device, country, browser, sdk
-- one by one:
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
  events.ts AS first_ts,
  if(NOT startsWith(type, 'stream_'), events.ts, toDateTime64(0, 3, 'UTC')) AS first_event,
  if(NOT startsWith(type, 'stream_'), events.ts, toDateTime64(0, 3, 'UTC')) AS last_event,
  toUInt64(NOT startsWith(type, 'stream_')) AS events_n,
  if(NOT startsWith(type, 'stream_'), toInt64(seq), 0) AS last_seq,
  if(type = 'stream_end', value, 0) AS announced,
  toUInt64(type = 'page_view') AS page_views,
  toUInt64(type = 'option_select') AS options,
  toUInt64(type IN ('config', 'price_view')) AS configs,
  toUInt64(type = 'inquiry') AS inquiries_n,
  if(type = 'inquiry', events.ts, toDateTime64(0, 3, 'UTC')) AS last_inquiry,
  toUInt64(type = 'order') AS orders_n,
  if(type = 'order', price_cents, 0) AS order_cents,
  if(
    type IN ('page_view', 'option_select', 'config', 'price_view', 'form', 'inquiry', 'order', 'custom'),
    events.ts, toDateTime64(0, 3, 'UTC')) AS first_step,
  if(type = 'config' AND kind = 'save', events.ts, toDateTime64(0, 3, 'UTC')) AS first_save,
  if(type = 'config', $I, 0) AS config_at,
  if(type = 'config', config_hash, 0) AS config,
  if(type = 'config', price_cents, 0) AS config_cents,
  if(type = 'config', model, toLowCardinality('')) AS config_model,
  toUInt64(type = 'config' AND kind IN ('change', 'save', 'share')) AS config_moves,
  if(type = 'config' AND kind IN ('save', 'share'), $I, 0) AS kept_at,
  if(type = 'config' AND kind IN ('save', 'share'), config_hash, 0) AS last_kept,
  if(type = 'config' AND kind IN ('save', 'share'), [(config_hash, price_cents)], []) AS kept,
  if(type = 'config' AND model != '', [model], []) AS models,
  if(type = 'option_select', [toLowCardinality(concat(option_group, '/', option))], []) AS chosen,
  if(type = 'option_select' AND value != 0, [(toLowCardinality(concat(option_group, '/', option)), value)], []) AS jumps,
  if(type = 'price_view', $I, 0) AS price_at,
  if(type = 'price_view', price_cents, 0) AS last_price,
  if(type IN ('page_view', 'price_view', 'inquiry'), $I, 0) AS seen_at,
  if(type IN ('option_select', 'inquiry') OR (type = 'config' AND kind IN ('save', 'share')), $I, 0) AS first_act_at,
  if(type IN ('option_select', 'inquiry') OR (type = 'config' AND kind IN ('save', 'share')), $I, 0) AS last_act_at,
  if(type = 'option_select', toLowCardinality(concat(option_group, '/', option)), toLowCardinality('')) AS last_act_option,
  if(type = 'option_select', value, 0) AS last_act_jump,
  type
FROM events
WHERE site_id != 0
