-- What people did in the four weeks before a Monday: `kind` path (lift), pair (lift), trend (slope a week), segment
-- (rate), each ranked. A rank that another holder of the slot wrote before, and the last one did not, is none.
SELECT toDateTime(week, {tz:String}) AS time, toString(kind) AS kind, rank, subject, n, value, lo, hi
FROM weekly_behaviour FINAL
WHERE site_id = {site:UInt16}
  AND week >= toDate($A, {tz:String})
  AND week < toDate($Z, {tz:String})
  AND (week, version) IN (
    SELECT week, max(version) FROM weekly_behaviour WHERE site_id = {site:UInt16} GROUP BY week)
ORDER BY time, kind, rank
