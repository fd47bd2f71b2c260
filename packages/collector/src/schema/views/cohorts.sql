-- Question 11: do people come back, when do they ask? `cohort` day, week or month of the first visit; `returning` a
-- type or type:name; `period_s` seconds of a period, `periods` how many. Period p is a rolling span from the first visit, times
-- floored to the hour; unbounded = in it or later. `elapsed`: members whose period was over at `as_of` and at the end of the
-- range, because nothing after it is read; a cell is complete when elapsed = size. Visitors with consent only: the others
-- have a new id each day.
SELECT
  multiIf(
    {cohort:String} = 'day', toDate(t0, {tz:String}),
    {cohort:String} = 'month', toStartOfMonth(t0, {tz:String}),
    toStartOfWeek(t0, 1, {tz:String})) AS cohort_start,
  p AS period,
  count() AS size,
  countIf(t0 + toIntervalSecond((p + 1) * {period_s:UInt32}) <= least({as_of:DateTime64(3,'UTC')}, $Z)) AS elapsed,
  countIf(has(ps, p)) AS bounded,
  countIf(arrayExists(x -> x >= p, ps)) AS unbounded
FROM (
  SELECT
    visitor,
    minIf(toStartOfHour(ts), type = 'page_view') AS t0,
    arrayDistinct(arrayMap(
      x -> intDiv(dateDiff('second', t0, x), {period_s:UInt32}),
      arrayFilter(x -> x >= t0, groupArrayIf(toStartOfHour(ts), type = {returning:String} OR step = {returning:String})))) AS ps
  FROM journey
  WHERE $R
    AND $F
    AND visitor != 0
    AND consent != 'none'
  GROUP BY visitor
  HAVING countIf(type = 'page_view') > 0
) AS v
-- a join, because every part's index would be asked for each of the many visitors in a set
LEFT ANTI JOIN (
  SELECT visitor
  FROM people
  WHERE site_id = {site:UInt16} AND day <= toDate($A) AND ts < $A
) AS earlier ON earlier.visitor = v.visitor
ARRAY JOIN range(0, {periods:UInt32}) AS p
GROUP BY cohort_start, period
ORDER BY cohort_start, period
