-- Question 2: pieces of three steps before the inquiry (or of the first twelve steps of a session without one): in how
-- many sessions (n), how many of them asked (k)? `min` sessions at least.
WITH
  (
    SELECT (groupArray(id), groupArray(name))
    FROM journey_nodes(site = {site:UInt16}, from = {from:DateTime64(3,'UTC')}, to = {to:DateTime64(3,'UTC')})
  ) AS names
SELECT arrayMap(id -> transform(id, names.1, names.2, ''), nodes) AS path, n, k
FROM journey_ways(
  site = {site:UInt16}, from = {from:DateTime64(3,'UTC')}, to = {to:DateTime64(3,'UTC')},
  device = {device:Array(String)}, channel = {channel:Array(String)}, country = {country:Array(String)},
  model = {model:Array(String)}, segment = {segment:String},
  depth = 2, start = '', backwards = 0, min = {min:UInt32})
WHERE position = 0 AND notEmpty(nodes)
ORDER BY n DESC, path
LIMIT 1000
