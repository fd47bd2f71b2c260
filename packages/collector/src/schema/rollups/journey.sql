-- The way of each visitor, in the order of the site: funnels, paths, cohorts and attribution read it.
-- order by: site_id, visitor, ts
-- keep: visitor
SELECT
  toDate(ts) AS day,
  site_id,
  ts,
  seq,
  visitor,
  session,
  stream,
  consent,
  type,
  toLowCardinality(concat(type, ':', multiIf(type = 'page_view', path, type = 'config', kind, name))) AS step,
  toLowCardinality(multiIf(
    type = 'page_view', path,
    type = 'option_select', concat('option:', option_group),
    type = 'config', concat('config:', kind),
    type IN ('form', 'custom'), concat(type, ':', name),
    toString(type))) AS node,
  channel,
  device,
  country,
  model,
  price_cents
FROM events
WHERE $H
  AND type IN ('page_view', 'option_select', 'config', 'price_view', 'form', 'inquiry', 'order', 'custom')
