-- Question 13: what is clicked on `page`? `kind` click, rage or dead; the box is the usual one. Elements that fewer than
-- three visitors touched never leave the database. `n`: a sampled click stands for 1/rate; `visitors`: those who were seen.
SELECT
  element,
  max(heat.label) AS label,
  max(heat.fixed) AS fixed,
  quantileExact(0.5)(box_left) AS left,
  quantileExact(0.5)(box_top) AS top,
  quantileExact(0.5)(box_width) AS width,
  quantileExact(0.5)(box_height) AS height,
  toUInt64(sum(weight)) AS n,
  uniqExact(visitor) AS visitors
FROM heat
WHERE $R AND $M AND type = $K AND page = {page:String}
GROUP BY element
HAVING visitors >= 3
ORDER BY n DESC, element
LIMIT 500
