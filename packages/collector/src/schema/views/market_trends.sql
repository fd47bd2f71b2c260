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
    arrayJoin(if({dimension:String} = 'model', models,
      if({dimension:String} = 'option', chosen,
        if({dimension:String} = 'country', if(page_views > 0, [country], []), if(page_views > 0, [channel], []))))) AS key
  FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
  WHERE $N
    AND visitor != 0
    AND type IN ('', multiIf({dimension:String} = 'option', 'option_select', {dimension:String} = 'model', 'config', 'page_view'))
)
WHERE key NOT IN ('', '/')
GROUP BY week, key
ORDER BY week, key
