-- Finished local months: counts, revenue, the inquiry rate with its interval, and how good the forecasts were whose time
-- is over (`forecast_…`). Outlives raw events.
SELECT toDateTime(month, {tz:String}) AS time, toString(name) AS name, n, value, lo, hi
FROM monthly_report FINAL
WHERE site_id = {site:UInt16} AND month >= toDate($A, {tz:String}) AND month < toDate($Z, {tz:String})
ORDER BY time, name
