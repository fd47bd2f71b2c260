-- Question 3: which options are chosen together more often than by chance? Pairs of one session: n together, cx and cy
-- alone, of `baskets` sessions. `min` sessions at least. `x_price`, `y_price`: what each adds to the price when it adds
-- something, in major units; NULL when that was never seen.
SELECT
  least(p, q) AS x, greatest(p, q) AS y, n, if(p < q, cp, cq) AS cx, if(p < q, cq, cp) AS cy, baskets,
  if(p < q, pp, pq) AS x_price, if(p < q, pq, pp) AS y_price
FROM (
  SELECT
    a,
    b,
    n,
    max(called) OVER (PARTITION BY a) AS p,
    max(called) OVER (PARTITION BY b) AS q,
    sumIf(n, a = b) OVER (PARTITION BY a) AS cp,
    sumIf(n, a = b) OVER (PARTITION BY b) AS cq,
    maxIf(jump, a = b) OVER (PARTITION BY a) AS pp,
    maxIf(jump, a = b) OVER (PARTITION BY b) AS pq,
    sumIf(n, a = 0) OVER () AS baskets
  FROM (
    -- numbers of the options, smaller first: each with itself, which tells its name and its jumps, and with those after
    -- it; 0 with itself for the session
    SELECT
      a, b, max(name) AS called, countIf(cents = 0) AS n,
      sum(cents) / nullIf(countIf(cents > 0), 0) / 100 AS jump
    FROM (
      SELECT
        arrayDistinct(groupArrayArray(chosen)) AS names,
        arrayMap(name -> cityHash64(name), names) AS numbers,
        arrayMap((u, i) -> arrayMap(v -> (least(u, v), greatest(u, v)), arraySlice(numbers, i)), numbers, arrayEnumerate(numbers)) AS pairs,
        arrayMap((name, i) -> arrayResize([name], length(names) - i + 1), names, arrayEnumerate(names)) AS told,
        arrayFilter(j -> j.2 > 0, groupArrayArray(jumps)) AS up,
        arrayMap(j -> cityHash64(j.1), up) AS up_numbers
      FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
      WHERE $N AND visitor != 0 AND session != 0 AND type IN ('', 'option_select') AND notEmpty(chosen)
      GROUP BY session
    )
    ARRAY JOIN
      arrayConcat(arrayFlatten(arrayMap(row -> row.1, pairs)), [0], up_numbers) AS a,
      arrayConcat(arrayFlatten(arrayMap(row -> row.2, pairs)), [0], up_numbers) AS b,
      arrayConcat(arrayFlatten(told), [''], arrayResize([toLowCardinality('')], length(up))) AS name,
      arrayConcat(arrayResize([toFloat64(0)], length(numbers) * (length(numbers) + 1) / 2 + 1), arrayMap(j -> j.2, up)) AS cents
    GROUP BY a, b
  )
)
WHERE a != b AND n >= {min:UInt32}
ORDER BY n DESC, x, y
LIMIT 1000
