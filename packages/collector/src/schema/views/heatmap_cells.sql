-- Question 13: where inside its box is an element clicked? 16 × 16 cells; cells below three visitors are left out.
-- `n` as in `heatmap_elements`.
SELECT
  element,
  gx,
  gy,
  toUInt64(sum(weight)) AS n,
  uniqExact(visitor) AS visitors
FROM heat
WHERE $R AND $M AND type = $K AND page = {page:String}
GROUP BY element, gx, gy
HAVING visitors >= 3
ORDER BY n DESC, element, gx, gy
LIMIT 20000
