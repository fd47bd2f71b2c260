-- Question 2: in which order do people decide, where do they change their minds, what does a group cost in seconds and
-- in leavings?
SELECT
  substring(choice.2, 8) AS option_group,
  count() AS n,
  avg(position) AS mean_position,
  countIf(nth > 1) AS rewinds,
  quantileExact(0.5)(waited / 1000) AS median_s,
  countIf(position = choices AND NOT won) AS left_after
FROM (
  SELECT
    arraySort(groupArrayIf(($O, node), type = 'option_select')) AS ways,
    length(ways) AS choices,
    max(type = 'inquiry') AS won
  FROM journey
  WHERE $R AND $F AND visitor != 0 AND session != 0 AND type IN ('option_select', 'inquiry')
  GROUP BY session
)
ARRAY JOIN
  ways AS choice,
  arrayEnumerate(ways) AS position,
  arrayEnumerateUniq(arrayMap(x -> x.2, ways)) AS nth,
  arrayDifference(arrayMap(x -> bitShiftRight(x.1, 20), ways)) AS waited
GROUP BY option_group
ORDER BY mean_position, option_group
