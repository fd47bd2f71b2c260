-- Question 10: what grows? Visitors by week and `dimension` model, option, country or channel; `group` of an option, else ''.
-- `total`: visitors of that week with any key of the group. Who tried two counts once in it: shares may add up to more than
-- one. Weeks that are cut by the range, or still run, are not complete.
SELECT
  week,
  group,
  key,
  n,
  -- the line of the group itself has the most visitors
  max(n) OVER (PARTITION BY week, group) AS total,
  toDateTime(week, {tz:String}) >= $A AND toDateTime(addWeeks(week, 1), {tz:String}) <= least($Z, now64(3, 'UTC')) AS complete
FROM (
  SELECT week, name AS key, if({dimension:String} = 'option', substringIndex(name, '/', 1), '') AS group, visitors AS n
  FROM (
    SELECT toStartOfWeek(ts, 1, {tz:String}) AS week, name, uniqExact(visitor) AS visitors
    FROM (
      -- beside the keys that a visitor had the groups he had them in: their names, or ''
      SELECT
        ts,
        visitor,
        arrayJoin(if({dimension:String} = 'model', if(empty(models), [], arrayPushBack(models, '')),
          if({dimension:String} = 'option', arrayConcat(chosen, arrayDistinct(arrayMap(x -> toLowCardinality(substringIndex(x, '/', 1)), chosen))),
            if(page_views > 0, ['', if({dimension:String} = 'country', country, channel)], [])))) AS name
      FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
      WHERE $N
        AND visitor != 0
        AND type IN ('', multiIf({dimension:String} = 'option', 'option_select', {dimension:String} = 'model', 'config', 'page_view'))
    )
    GROUP BY week, name
  )
)
QUALIFY key != group AND key != '/'
ORDER BY week, key
