-- What was wrong with the rows of a local day as the job last counted it: what every answer of that range is held against.
SELECT
  toDateTime(day, {tz:String}) AS time,
  stored,
  bots,
  without_visitor,
  late,
  skewed,
  duplicates,
  streams,
  generated,
  captured
FROM quality_daily FINAL
WHERE site_id = {site:UInt16}
  AND day >= toDate($A, {tz:String})
  AND day <= toDate($Z - toIntervalMillisecond(1), {tz:String})
ORDER BY time
