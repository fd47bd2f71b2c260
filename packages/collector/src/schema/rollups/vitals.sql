-- What browsers measured, alike beside alike, so that quantiles read a few bytes for each measurement; and inquiries, to
-- hold them against it.
-- order by: site_id, metric, page, device, ts
-- keep: visitor
SELECT
  toDate(ts) AS day,
  site_id,
  ts,
  type,
  if(type = 'vital', name, type) AS metric,
  route AS page,
  value,
  visitor,
  session,
  channel,
  device,
  country
FROM events
WHERE $H
  AND type IN ('vital', 'request', 'long_frame', 'inquiry')
