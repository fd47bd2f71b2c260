-- Question 2, in one reading: transitions of sessions (`position` from 1, two nodes, repeats collapsed), and pieces of three
-- steps before the inquiry, or of the first twelve steps of a session without one (`position` 0). n sessions, k of them
-- asked; the line without nodes is that of all sessions, what `journey_base` counts. `depth` nodes, `start` a node or '' (only sessions that pass it, from there on), `backwards` 1 = from the end;
-- `min` sessions of a piece at least. Nodes are carried as eight bytes beside their place in time, in one number;
-- `journey_nodes` has their names, 0 is the end. Each step stands in a SELECT of its own: what is named and used twice
-- in one is analysed once more for each use, and one name lies in the next.
SELECT position, arrayMap(x -> toString(x), multiIf(a = 0, [], position = 0, [a, b, c], [a, b])) AS nodes, n, k
FROM (
  SELECT way.1 AS position, way.2 AS a, way.3 AS b, way.4 AS c, sum(walked) AS n, sum(asked) AS k
  FROM (
    SELECT
      walked,
      asked,
      arrayConcat(
        [(toUInt32(0), toUInt64(0), toUInt64(0), toUInt64(0))],
        arrayMap((i, x, y) -> (i, x, y, toUInt64(0)), arrayEnumerate(arrayPopBack(q)), arrayPopBack(q), arrayPopFront(q)),
        arrayDistinct(arrayMap(
          (x, y, z) -> (toUInt32(0), x, y, z), arraySlice(p, 1, pieces), arraySlice(p, 2, pieces), arraySlice(p, 3)))) AS ways
    FROM (
      SELECT
        walked,
        asked,
        p,
        greatest(length(p), 2) - 2 AS pieces,
        if(empty(followed), [], if(length(followed) > {depth:UInt8}, arraySlice(followed, 1, {depth:UInt8}), arrayPushBack(followed, 0))) AS q
      FROM (
        SELECT
          walked,
          asked,
          arraySlice(if(won, arraySlice(way, 1, indexOf(way, sipHash64('inquiry')) - 1), way), 1, 12) AS p,
          if({start:String} = '', turned, if(has(turned, sipHash64({start:String})), arraySlice(turned, indexOf(turned, sipHash64({start:String}))), [])) AS followed
        FROM (
          -- many sessions go the same way
          SELECT
            way,
            won,
            if({backwards:UInt8} = 1, arrayReverse(way), way) AS turned,
            count() AS walked,
            if(won, walked, 0) AS asked
          FROM (
            SELECT
              arrayCompact(arrayMap(x -> toUInt64(x), arraySort(groupArray(
                bitOr(bitShiftLeft(toUInt128($O), 64), toUInt128(sipHash64(node))))))) AS way,
              max(type = 'inquiry') AS won
            FROM journey
            WHERE $R AND $F AND session != 0
            GROUP BY session
          )
          GROUP BY way, won
        )
      )
    )
  )
  ARRAY JOIN ways AS way
  GROUP BY position, a, b, c
  HAVING position > 0 OR a = 0 OR n >= {min:UInt32}
)
ORDER BY n DESC, position, nodes
LIMIT 1000 BY position = 0
