-- Question 4: how old were entries when they converted, how old are those that have not? Input of Kaplan–Meier: young
-- entries are censored, not failures. `events` of age d converted within d days of entering; `censored` of age d have
-- been seen for d whole days without converting. Visitors count with consent only.
SELECT
  if(won, ceil(greatest(seconds, 1) / 86400), floor(seconds / 86400)) AS age_days,
  countIf(won) AS events,
  countIf(NOT won) AS censored
FROM (
  SELECT
    entered,
    arrayMin(arrayFilter(x -> x >= entered, ends)) AS converted,
    notEmpty(arrayFilter(x -> x >= entered, ends)) AS won,
    dateDiff('second', entered, if(won, converted, greatest(entered, now64(3)))) AS seconds
  FROM (
    SELECT
      minIf(ts, ts < $Z AND (step = {first_step:String} OR type = {first_step:String})) AS entered,
      groupArrayIf(ts, ts <= now64(3) AND (step = {last_step:String} OR type = {last_step:String})) AS ends,
      countIf(ts < $Z AND (step = {first_step:String} OR type = {first_step:String})) AS entries
    FROM (
      SELECT $U AS u, ts, step, type
      FROM journey
      WHERE site_id = {site:UInt16}
        AND ts >= $A
        AND $F
        AND u != 0
        AND ({unit:String} != 'visitor' OR consent != 'none')
        AND (step IN [{first_step:String}, {last_step:String}] OR type IN [{first_step:String}, {last_step:String}])
    )
    GROUP BY u
    HAVING entries > 0
  )
)
GROUP BY age_days
ORDER BY age_days
