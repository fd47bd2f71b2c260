-- Question 13: what is clicked on `page`? `kind` click, rage or dead; the box is the usual one. Elements that fewer than
-- three visitors touched never leave the database.
SELECT
  element,
  any(events.label) AS label,
  max(events.fixed) AS fixed,
  quantileExact(0.5)(box[1]) AS left,
  quantileExact(0.5)(box[2]) AS top,
  quantileExact(0.5)(box[3]) AS width,
  quantileExact(0.5)(box[4]) AS height,
  count() AS n,
  uniqExact(visitor) AS visitors
FROM events
WHERE $W AND type = $K AND path = {page:String}
GROUP BY element
HAVING visitors >= 3
ORDER BY n DESC, element
LIMIT 500
