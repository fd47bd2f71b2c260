-- Question 3: which options are chosen together more often than by chance? Pairs of one session: n together, cx and cy
-- alone, of `baskets` sessions. `min` sessions at least.
SELECT least(p, q) AS x, greatest(p, q) AS y, n, if(p < q, cp, cq) AS cx, if(p < q, cq, cp) AS cy, baskets
FROM (
  SELECT
    a,
    b,
    n,
    max(called) OVER (PARTITION BY a) AS p,
    max(called) OVER (PARTITION BY b) AS q,
    sumIf(n, a = b) OVER (PARTITION BY a) AS cp,
    sumIf(n, a = b) OVER (PARTITION BY b) AS cq,
    sumIf(n, a = 0) OVER () AS baskets
  FROM (
    -- numbers of the options, smaller first: each with itself, which tells its name, and with those after it; 0 with
    -- itself for the session
    SELECT a, b, max(name) AS called, sum(sessions) AS n
    FROM (
      SELECT
        count() AS sessions,
        arrayMap(name -> cityHash64(name), names) AS numbers,
        arrayMap((u, i) -> arrayMap(v -> (least(u, v), greatest(u, v)), arraySlice(numbers, i)), numbers, arrayEnumerate(numbers)) AS pairs,
        arrayMap((name, i) -> arrayResize([name], length(names) - i + 1), names, arrayEnumerate(names)) AS told
      FROM (
        SELECT arraySort(arrayDistinct(groupArrayArray(chosen))) AS names
        FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
        WHERE $N AND visitor != 0 AND session != 0 AND type IN ('', 'option_select') AND notEmpty(chosen)
        GROUP BY session
      )
      -- many sessions choose the same
      GROUP BY names
    )
    ARRAY JOIN
      arrayPushBack(arrayFlatten(arrayMap(row -> row.1, pairs)), 0) AS a,
      arrayPushBack(arrayFlatten(arrayMap(row -> row.2, pairs)), 0) AS b,
      arrayPushBack(arrayFlatten(told), '') AS name
    GROUP BY a, b
  )
)
WHERE a != b AND n >= {min:UInt32}
ORDER BY n DESC, x, y
LIMIT 1000
