-- Question 13: how far down `page` do people get? Share of page instances that reached each depth, in steps of 5 %.
SELECT d AS depth, countIf(deepest >= d) AS n, count() AS total, n / total AS share
FROM (
  SELECT max(heat.depth) AS deepest
  FROM heat
  WHERE $R AND $M AND type IN ('scroll', 'page_leave') AND page = {page:String}
  GROUP BY stream
)
ARRAY JOIN range(0, 101, 5) AS d
GROUP BY d
ORDER BY d
