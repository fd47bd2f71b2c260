-- Question 3: which options are chosen together more often than by chance? Pairs of one session: n together, cx and cy
-- alone, of `baskets` sessions. `min` sessions at least.
WITH b AS (
  SELECT arraySort(groupUniqArray(concat(option_group, '/', option))) AS o
  FROM events
  WHERE $V AND session != 0 AND type = 'option_select'
  GROUP BY session
)
SELECT x, y, n, cx, cy, (SELECT count() FROM b) AS baskets
FROM (
  SELECT p.1 AS x, p.2 AS y, count() AS n
  FROM b
  ARRAY JOIN arrayFilter(z -> z.1 < z.2, arrayFlatten(arrayMap(u -> arrayMap(v -> (u, v), o), o))) AS p
  GROUP BY x, y
) AS q
INNER JOIN (SELECT arrayJoin(o) AS x, count() AS cx FROM b GROUP BY x) AS a USING x
INNER JOIN (SELECT arrayJoin(o) AS y, count() AS cy FROM b GROUP BY y) AS c USING y
WHERE n >= {min:UInt32}
ORDER BY n DESC, x, y
LIMIT 1000
