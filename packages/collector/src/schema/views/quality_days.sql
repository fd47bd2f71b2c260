-- Every answer: what is wrong with the rows of the local days that the range touches, as the job `check-quality` last
-- counted them, up to an hour ago. One row; zeros when no day was counted yet.
SELECT
  count() AS days,
  sum(stored) AS stored,
  sum(bots) AS bots,
  sum(without_visitor) AS without_visitor,
  sum(late) AS late,
  sum(skewed) AS skewed,
  sum(duplicates) AS duplicates,
  sum(generated) AS generated,
  sum(captured) AS captured
FROM quality_daily FINAL
WHERE site_id = {site:UInt16}
  AND day >= toDate($A, {tz:String})
  AND day <= toDate($Z - toIntervalMillisecond(1), {tz:String})
