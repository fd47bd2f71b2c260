-- Question 13: does one group of visitors click an element more than the others? `compare` inquiry: who asked in the
-- range; returning: who came before it, told of visitors with consent only, because the others are new every day. Visitors
-- who clicked it in each group, of those who saw the page.
WITH members AS (
  SELECT visitor
  FROM journey
  WHERE site_id = {site:UInt16}
    AND visitor != 0
    AND if({compare:String} = 'inquiry', type = 'inquiry' AND ts >= $A AND ts < $Z, ts < $A AND consent != 'none')
)
SELECT
  element,
  uniqExactIf(visitor, clicked AND visitor IN members) AS first,
  uniqExactIf(visitor, clicked AND visitor NOT IN members) AS second,
  any(first_seen) AS first_total,
  any(second_seen) AS second_total
FROM (
  SELECT
    element,
    visitor,
    type = $K AS clicked,
    uniqExactIf(visitor, visitor IN members) OVER () AS first_seen,
    uniqExactIf(visitor, visitor NOT IN members) OVER () AS second_seen
  FROM events
  WHERE $V AND path = {page:String} AND (type = $K OR type = 'page_view')
    AND ({compare:String} != 'returning' OR consent != 'none')
)
GROUP BY element
HAVING countIf(clicked) > 0 AND first + second >= 3
ORDER BY first + second DESC, element
LIMIT 500
