-- Question 9: who went on at which price, told apart by channel, device and whether they had been here before. `key` all:
-- the last price of the whole house that a visitor saw, going on = asking; else group/option: a jump of the price
-- upwards, going on = something of substance followed in the session. `bucket` and `jump_bucket` in major units.
WITH acts AS (
  SELECT
    session,
    channel,
    device,
    jumps,
    last_act_at,
    last_act_option,
    last_act_jump,
    session != argMin(session, first_act_at) OVER (PARTITION BY visitor) AS returning
  FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
  WHERE $N AND visitor != 0 AND session != 0 AND type IN ('', 'option_select', 'inquiry', 'config') AND last_act_at > 0
)
SELECT
  key,
  floor(cents / 100 / width) * width AS price_from,
  sum(seen * cents) / sum(seen) / 100 AS price,
  seen_channel AS channel,
  seen_device AS device,
  returning,
  sum(seen) AS n,
  sum(went_on) AS k
FROM (
  SELECT
    toLowCardinality('all') AS key,
    toFloat64({bucket:UInt32}) AS width,
    toFloat64(argMax(last_price, price_at)) AS cents,
    argMin(v.channel, seen_at) AS seen_channel,
    argMin(v.device, seen_at) AS seen_device,
    argMax(session, price_at) != argMin(session, seen_at) AS returning,
    1 AS seen,
    toInt64(sum(inquiries_n) > 0) AS went_on
  FROM visits_of(site = {site:UInt16}, from = $A, to = $Z) AS v
  WHERE $N AND visitor != 0 AND type IN ('', 'page_view', 'price_view', 'inquiry') AND seen_at > 0
  GROUP BY visitor
  HAVING cents > 0
  UNION ALL
  -- everybody goes on …
  SELECT jump.1 AS key, toFloat64({jump_bucket:UInt32}) AS width, jump.2 AS cents, acts.channel AS seen_channel, acts.device AS seen_device, returning, 1 AS seen, 1 AS went_on
  FROM acts
  ARRAY JOIN jumps AS jump
  WHERE jump.2 > 0
  UNION ALL
  -- … except after the last jump of a session
  SELECT
    argMax(last_act_option, last_act_at) AS key,
    toFloat64({jump_bucket:UInt32}) AS width,
    argMax(last_act_jump, last_act_at) AS cents,
    argMax(acts.channel, last_act_at) AS seen_channel,
    argMax(acts.device, last_act_at) AS seen_device,
    argMax(acts.returning, last_act_at) AS returning,
    0 AS seen,
    -1 AS went_on
  FROM acts
  GROUP BY session
  HAVING cents > 0
)
GROUP BY key, width, price_from, seen_channel, seen_device, returning
ORDER BY key, price_from, channel, device, returning
