-- Question 2: `decision_path` with the nodes by number, as in `journey_ways`.
SELECT
  toString(toUInt64(choice)) AS id,
  count() AS n,
  avg(position) AS mean_position,
  countIf(nth > 1) AS rewinds,
  quantileExact(0.5)(waited / 1000) AS median_s,
  countIf(position = choices AND NOT won) AS left_after
FROM (
  SELECT
    arraySort(groupArrayIf(
      bitOr(bitShiftLeft(toUInt128($O), 64), toUInt128(sipHash64(node))), type = 'option_select')) AS ways,
    length(ways) AS choices,
    max(type = 'inquiry') AS won
  FROM journey
  WHERE $R AND $F AND visitor != 0 AND session != 0 AND type IN ('option_select', 'inquiry')
  GROUP BY session
)
ARRAY JOIN
  ways AS choice,
  arrayEnumerate(ways) AS position,
  arrayEnumerateUniq(arrayMap(x -> toUInt64(x), ways)) AS nth,
  arrayDifference(arrayMap(x -> toInt64(bitShiftRight(x, 84)), ways)) AS waited
GROUP BY id
ORDER BY mean_position, id
