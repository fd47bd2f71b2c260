-- Who saw which arm of an experiment: a few rows of a day, which `events` has among all its others.
-- order by: site_id, experiment, visitor, ts
-- keep: visitor
SELECT
  toDate(ts) AS day,
  site_id,
  ts,
  seq,
  visitor,
  consent,
  channel,
  device,
  country,
  experiment,
  variant,
  toUInt32OrZero(props['version']) AS version
FROM events
WHERE $H
  AND type = 'exposure'
