-- Question 9: after which jump of the price do people leave? An option that changed the price, and whether it was the
-- last thing of substance in the session.
SELECT
  option_id,
  floor(cents / 100 / {bucket:UInt32}) * {bucket:UInt32} AS jump_from,
  sum(jumped) AS n,
  sum(left) AS k,
  wilson_lo(k, n) AS lo,
  wilson_hi(k, n) AS hi
FROM (
  SELECT jump.1 AS option_id, jump.2 AS cents, 1 AS jumped, 0 AS left
  FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
  ARRAY JOIN jumps AS jump
  WHERE $N AND visitor != 0 AND session != 0 AND type IN ('', 'option_select')
  UNION ALL
  SELECT argMax(last_act_option, last_act_at) AS option_id, argMax(last_act_jump, last_act_at) AS cents, 0 AS jumped, 1 AS left
  FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
  WHERE $N AND visitor != 0 AND session != 0 AND type IN ('', 'option_select', 'inquiry', 'config') AND last_act_at > 0
  GROUP BY session
  HAVING cents != 0
)
GROUP BY option_id, jump_from
ORDER BY n DESC, option_id, jump_from
