-- Question 10: what grows? Visitors by week and `dimension` model, option, country or channel; `group` of an option, else ''. `total`:
-- visitors of that week with any key of the group. Who tried two counts once in it, so shares may add up to more than one.
-- Weeks that are cut by the range, or still run, are not complete.
SELECT
  week,
  group,
  key,
  n,
  -- a group has as many visitors as its largest line, which is that of the group itself
  max(n) OVER (PARTITION BY week, group) AS total,
  toDateTime(week, {tz:String}) >= $A AND toDateTime(addWeeks(week, 1), {tz:String}) <= least($Z, now64(3, 'UTC')) AS complete
FROM (
  SELECT
    toStartOfWeek(ts, 1, {tz:String}) AS week,
    if({dimension:String} = 'option', substringIndex(name, '/', 1), '') AS group,
    toString(name) AS key,
    uniqExact(visitor) AS n
  FROM (
    SELECT
      ts,
      visitor,
      arrayJoin(if({dimension:String} = 'model', models,
        if({dimension:String} = 'option', chosen,
          if({dimension:String} = 'country', if(page_views > 0, [country], []), if(page_views > 0, [channel], []))))) AS name
    FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
    WHERE $N
      AND visitor != 0
      AND type IN ('', multiIf({dimension:String} = 'option', 'option_select', {dimension:String} = 'model', 'config', 'page_view'))
  )
  WHERE name NOT IN ('', '/')
  GROUP BY GROUPING SETS ((week, group, key), (week, group))
)
QUALIFY key != ''
ORDER BY week, key
