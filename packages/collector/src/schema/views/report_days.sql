-- Finished local days as their job counted them, the last eight again each night; `funnel`: visitors at each step of the
-- default funnel. Outlives raw events.
SELECT
  toDateTime(day, {tz:String}) AS time,
  visitors,
  sessions,
  page_views,
  configurations,
  inquiries,
  orders,
  revenue,
  funnel
FROM daily_summary FINAL
WHERE site_id = {site:UInt16} AND day >= toDate($A, {tz:String}) AND day < toDate($Z, {tz:String})
ORDER BY time
