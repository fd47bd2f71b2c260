-- Question 2: which ways lead to an inquiry, which lead out? Transitions of sessions, repeats collapsed. `depth` nodes,
-- `start` a node or '' (only sessions that pass it, from there on), `backwards` 1 = from the end.
WITH
  (
    SELECT (groupArray(id), groupArray(name))
    FROM journey_nodes(site = {site:UInt16}, from = {from:DateTime64(3,'UTC')}, to = {to:DateTime64(3,'UTC')})
  ) AS names
SELECT
  position,
  transform(nodes[1], names.1, names.2, '(end)') AS source,
  transform(nodes[2], names.1, names.2, '(end)') AS target,
  n AS sessions,
  k AS converted
FROM journey_ways(
  site = {site:UInt16}, from = {from:DateTime64(3,'UTC')}, to = {to:DateTime64(3,'UTC')},
  device = {device:Array(String)}, channel = {channel:Array(String)}, country = {country:Array(String)},
  model = {model:Array(String)}, segment = {segment:String},
  depth = {depth:UInt8}, start = {start:String}, backwards = {backwards:UInt8}, min = 4294967295)
WHERE position > 0
ORDER BY sessions DESC, position, source, target
LIMIT 500
