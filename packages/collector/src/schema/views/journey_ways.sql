-- Question 2, in one reading: transitions of sessions (`position` from 1, two nodes, repeats collapsed), and pieces of three
-- steps before the inquiry, or of the first twelve steps of a session without one (`position` 0). n sessions, k of them
-- asked. `depth` nodes, `start` a node or '' (only sessions that pass it, from there on), `backwards` 1 = from the end;
-- `min` sessions of a piece at least. Nodes are carried as eight bytes beside their place in time, in one number, and get
-- their names at the end.
WITH
  (
    SELECT (groupArray(sipHash64(name)), groupArray(name))
    FROM (SELECT DISTINCT toString(node) AS name FROM journey WHERE $R)
  ) AS names
SELECT
  position,
  arrayMap(x -> transform(x, names.1, names.2, '(end)'), if(position = 0, [a, b, c], [a, b])) AS nodes,
  n,
  k
FROM (
  SELECT way.1 AS position, way.2 AS a, way.3 AS b, way.4 AS c, count() AS n, countIf(won) AS k
  FROM (
    SELECT
      arrayCompact(arrayMap(x -> toUInt64(x), arraySort(groupArray(
        bitOr(bitShiftLeft(toUInt128($O), 64), toUInt128(sipHash64(node))))))) AS p0,
      if({backwards:UInt8} = 1, arrayReverse(p0), p0) AS p1,
      sipHash64({start:String}) AS first,
      if({start:String} = '', p1, if(has(p1, first), arraySlice(p1, indexOf(p1, first)), [])) AS p2,
      if(empty(p2), [], if(length(p2) > {depth:UInt8}, arraySlice(p2, 1, {depth:UInt8}), arrayPushBack(p2, 0))) AS q,
      max(type = 'inquiry') AS won,
      arraySlice(if(won, arraySlice(p0, 1, indexOf(p0, sipHash64('inquiry')) - 1), p0), 1, 12) AS p,
      greatest(length(p), 2) - 2 AS pieces,
      arrayConcat(
        arrayMap((i, x, y) -> (i, x, y, toUInt64(0)), arrayEnumerate(arrayPopBack(q)), arrayPopBack(q), arrayPopFront(q)),
        arrayDistinct(arrayMap(
          (x, y, z) -> (toUInt32(0), x, y, z), arraySlice(p, 1, pieces), arraySlice(p, 2, pieces), arraySlice(p, 3)))) AS ways
    FROM journey
    WHERE $R AND $F AND session != 0
    GROUP BY session
  )
  ARRAY JOIN ways AS way
  GROUP BY position, a, b, c
  HAVING position > 0 OR n >= {min:UInt32}
)
ORDER BY n DESC, position, nodes
LIMIT 1000 BY position = 0
