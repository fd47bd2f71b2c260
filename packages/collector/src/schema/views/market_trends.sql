-- Question 10: what grows? Visitors by week and `dimension` model, option, country or channel; unfinished weeks marked.
SELECT
  toStartOfWeek(ts, 1, {tz:String}) AS week,
  key,
  uniqExact(visitor) AS n,
  addWeeks(week, 1) <= toDate($Z, {tz:String}) AS complete
FROM (
  SELECT
    ts,
    visitor,
    multiIf(
      {dimension:String} = 'model', toString(model),
      {dimension:String} = 'option', concat(option_group, '/', option),
      {dimension:String} = 'country', toString(country),
      toString(channel)) AS key
  FROM events
  WHERE $V
    AND type = multiIf({dimension:String} = 'option', 'option_select', {dimension:String} = 'model', 'config', 'page_view')
)
WHERE key NOT IN ('', '/')
GROUP BY week, key
ORDER BY week, key
