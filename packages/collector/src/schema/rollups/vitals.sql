-- What browsers measured, alike beside alike, so that quantiles read a few bytes for each measurement; and inquiries, to
-- hold them against it. Of images, scripts and styles only those are told of that failed or dragged: no quantile of them
-- would be true.
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
  toFloat32($X) AS weight,
  visitor,
  session,
  channel,
  device,
  country
FROM events
WHERE $H
  AND type IN ('vital', 'request', 'long_frame', 'inquiry')
  AND NOT (type = 'request' AND kind = 'resource')
