-- Inquiries as pages told them: leads read those of the whole life of a site, a few thousand rows instead of every
-- granule that holds one.
-- order by: site_id, ts, stream
-- keep: visitor
SELECT
  toDate(ts) AS day,
  site_id,
  ts,
  seq,
  stream,
  visitor,
  ref,
  price_cents,
  config_hash
FROM events
WHERE $H
  AND type = 'inquiry'
