-- Question 2: pieces of three steps before the inquiry (or of the first twelve steps of a session without one): in how
-- many sessions (n), how many of them asked (k)? `min` sessions at least.
SELECT g AS path, count() AS n, sum(won) AS k
FROM (
  SELECT
    arrayCompact(arrayMap(x -> x.3, arraySort(groupArray((ts, seq, node))))) AS a,
    max(type = 'inquiry') AS won,
    arraySlice(if(won, arraySlice(a, 1, indexOf(a, 'inquiry') - 1), a), 1, 12) AS p,
    if(length(p) < 3, [], arrayDistinct(arrayMap(i -> arraySlice(p, i, 3), range(1, length(p) - 1)))) AS gs
  FROM journey
  WHERE $R AND $F AND session != 0
  GROUP BY session
)
ARRAY JOIN gs AS g
GROUP BY g
HAVING n >= {min:UInt32}
ORDER BY n DESC, path
LIMIT 1000
