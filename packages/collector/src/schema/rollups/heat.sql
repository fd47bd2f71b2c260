-- What was touched and how far pages were read, by page: heatmaps read one page's rows instead of every page's.
-- order by: site_id, page, type, element, visitor, ts
-- keep: visitor
SELECT
  toDate(ts) AS day,
  site_id,
  ts,
  type,
  toLowCardinality(path) AS page,
  toLowCardinality(events.element) AS element,
  label,
  fixed,
  box[1] AS box_left,
  box[2] AS box_top,
  box[3] AS box_width,
  box[4] AS box_height,
  toUInt8(bitShiftRight(ex, 11)) AS gx,
  toUInt8(bitShiftRight(ey, 11)) AS gy,
  events.depth AS depth,
  visitor,
  stream,
  toFloat32($X) AS weight,
  channel,
  device,
  country
FROM events
WHERE $H
  AND type IN ('click', 'rage_click', 'dead_click', 'scroll', 'page_leave')
