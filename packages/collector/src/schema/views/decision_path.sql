-- Question 2: in which order do people decide, where do they change their minds, what does a group cost in seconds and
-- in leavings?
WITH
  (
    SELECT (groupArray(id), groupArray(name))
    FROM journey_nodes(site = {site:UInt16}, from = {from:DateTime64(3,'UTC')}, to = {to:DateTime64(3,'UTC')})
  ) AS names
SELECT
  substring(transform(id, names.1, names.2, ''), 8) AS option_group,
  n,
  mean_position,
  rewinds,
  median_s,
  left_after
FROM journey_decisions(
  site = {site:UInt16}, from = {from:DateTime64(3,'UTC')}, to = {to:DateTime64(3,'UTC')},
  device = {device:Array(String)}, channel = {channel:Array(String)}, country = {country:Array(String)},
  model = {model:Array(String)}, segment = {segment:String})
ORDER BY mean_position, option_group
