/**
 * 180 days of traffic until now, made inside the database: sessions of 4 to 64 events of 2.1 visits a visitor, six of
 * ten visitors with consent, 2 % crawlers; the same for the same number of sessions but for the time it ends at.
 * @param from number of the first session   @param to after the last one
 */
export const trafficSql = (sessions: number, from: number, to: number, endMs: number): string => `
INSERT INTO events (site_id, ts, received, stream, seq, batch, sdk, type, name, kind, visitor, session, consent, bot, path, route, channel, country, device, browser, os, model, option_group, option, config_hash, parts, price_cents, currency, value, duration_ms, depth, element, ex, ey, box, rate, experiment, variant)
WITH
  sipHash64(s, 1) AS h1, sipHash64(s, 2) AS h2, sipHash64(s, 3) AS h3,
  h1 % ${Math.ceil(sessions / 2.1)} AS v,
  sipHash64(v, 9) AS hv,
  hv % 10 < 6 AS consented,
  toUInt32(4 + pow((h2 % 10000) / 10000, 3) * 60) AS len,
  fromUnixTimestamp64Milli(toInt64(${endMs} - 180 * 86400000 + toUInt64(s * (180 * 86400000 / ${sessions}))), 'UTC') AS start,
  sipHash64(s, k) AS h,
  multiIf(k = 0, 'page_view', k = 1, 'vital', k = 2, 'vital', k = 3, 'exposure', k = len - 1, 'page_leave',
    k = 20 AND h2 % 100 < 30, 'config', k = 30 AND h2 % 100 < 25, 'inquiry',
    h % 100 < 22, 'option_select', h % 100 < 34, 'config', h % 100 < 42, 'price_view', h % 100 < 62, 'click',
    h % 100 < 74, 'scroll', h % 100 < 80, 'page_view', h % 100 < 88, 'request', h % 100 < 92, 'visibility',
    h % 100 < 94, 'error', h % 100 < 95, 'rage_click', 'custom') AS t
SELECT
  1, start + toIntervalMillisecond(k * 7000 + h % 5000) AS ts, toDateTime(ts) + 1,
  reinterpretAsUUID(concat(reinterpretAsFixedString(h1), reinterpretAsFixedString(sipHash64(s, 4)))), k, 1, '0.1.0', t,
  multiIf(k = 1, 'LCP', k = 2, 'INP', t = 'custom', 'zoom', t = 'visibility', 'hero', ''),
  multiIf(t = 'config', if(k = 20, 'save', 'change'), t = 'click', 'mouse', t = 'request', 'fetch', t = 'error', 'exception', ''),
  sipHash64(v), sipHash64(s), if(consented, 'statistics', 'none'), if(h3 % 50 = 0, 1, 0),
  ['/', '/konfigurator', '/modelle', '/kontakt'][1 + h % 4] AS p, p,
  ['direct', 'search', 'paid', 'social', 'email', 'referral'][1 + h1 % 6],
  ['AT', 'DE', 'CH'][1 + (hv % 10 > 5) + (hv % 10 > 8)],
  ['desktop', 'mobile', 'tablet'][1 + (hv % 20 > 9) + (hv % 20 > 18)],
  ['Chrome', 'Safari', 'Firefox'][1 + hv % 3], 'Windows',
  if(t IN ('config', 'option_select', 'price_view', 'inquiry'), ['Nest 70', 'Nest 90', 'Nest 120', 'Nest 150'][1 + h2 % 4], ''),
  if(t = 'option_select', ['facade', 'floor', 'roof', 'pv', 'kitchen'][1 + h % 5], ''),
  if(t = 'option_select', ['a', 'b', 'c', 'd'][1 + h3 % 4], ''),
  if(t = 'config', sipHash64(h2 % 4, h3 % 4, h % 4), 0),
  if(t = 'config', map('facade', ['a', 'b', 'c', 'd'][1 + h2 % 4], 'floor', ['a', 'b', 'c', 'd'][1 + h3 % 4], 'pv', ['a', 'b', 'c', 'd'][1 + h % 4]), map()),
  if(t IN ('config', 'price_view', 'inquiry'), 10000000 + (h2 % 200) * 100000, 0), 'EUR',
  multiIf(k = 1, 800 + h % 4000, k = 2, 40 + h % 400, t = 'option_select', 10000 * (h % 30), t = 'request', 20 + h % 900, 0),
  if(t = 'page_leave', 5000 + h % 60000, 0),
  if(t IN ('scroll', 'page_leave'), 25 * (1 + h % 4), 0),
  if(t IN ('click', 'rage_click'), concat('#e', toString(h % 40)), ''), h % 32768, h3 % 32768,
  if(t IN ('click', 'rage_click'), [10, 20, 300, 200], []), 1,
  if(t = 'exposure', 'hero', ''), if(t = 'exposure', ['a', 'b'][1 + hv % 2], '')
FROM (SELECT number AS s FROM numbers(${from}, ${to - from}))
ARRAY JOIN range(len) AS k
WHERE ts <= fromUnixTimestamp64Milli(toInt64(${endMs}), 'UTC')
SETTINGS max_partitions_per_insert_block = 1000, max_insert_threads = 1`;
