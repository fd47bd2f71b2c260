-- Question 13: where inside its box is an element clicked? 16 × 16 cells; cells below three visitors are left out.
SELECT
  element,
  bitShiftRight(ex, 11) AS gx,
  bitShiftRight(ey, 11) AS gy,
  count() AS n,
  uniqExact(visitor) AS visitors
FROM events
WHERE $W AND type = $K AND path = {page:String}
GROUP BY element, gx, gy
HAVING visitors >= 3
ORDER BY n DESC, element, gx, gy
LIMIT 20000
