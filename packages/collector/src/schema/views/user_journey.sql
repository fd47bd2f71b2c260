-- Question 2: which ways lead to an inquiry, which lead out? Transitions of sessions, repeats collapsed. `depth` nodes,
-- `start` a node or '' (only sessions that pass it, from there on), `backwards` 1 = from the end.
SELECT position, source, target, count() AS sessions, countIf(won) AS converted
FROM (
  SELECT
    arrayCompact(arrayMap(x -> x.3, arraySort(groupArray((ts, seq, node))))) AS p0,
    if({backwards:UInt8} = 1, arrayReverse(p0), p0) AS p1,
    if({start:String} = '', p1, if(has(p1, {start:String}), arraySlice(p1, indexOf(p1, {start:String})), [])) AS p2,
    if(empty(p2), [], if(length(p2) > {depth:UInt8}, arraySlice(p2, 1, {depth:UInt8}), arrayPushBack(p2, '(end)'))) AS q,
    max(type = 'inquiry') AS won
  FROM journey
  WHERE $R AND $F AND session != 0
  GROUP BY session
  HAVING notEmpty(q)
)
ARRAY JOIN arrayEnumerate(arrayPopBack(q)) AS position, arrayPopBack(q) AS source, arrayPopFront(q) AS target
GROUP BY position, source, target
ORDER BY sessions DESC, position, source, target
LIMIT 500
