-- Question 9: who went on at which price, told apart by channel, device and whether they had been here before. `key` all:
-- the last price of the whole house that a visitor saw, going on = asking; else group/option: a jump of the price, up or
-- down, going on = something of substance followed in the session. `bucket` and `jump_bucket` in major units.
SELECT key, price_from, price, seen_channel AS channel, seen_device AS device, returning, n, k
FROM (
  SELECT
    'all' AS key,
    floor(cents / 100 / {bucket:UInt32}) * {bucket:UInt32} AS price_from,
    avg(cents) / 100 AS price,
    seen_channel,
    seen_device,
    returning,
    count() AS n,
    countIf(asked) AS k
  FROM (
    SELECT
      argMax(last_price, price_at) AS cents,
      argMin(v.channel, seen_at) AS seen_channel,
      argMin(v.device, seen_at) AS seen_device,
      argMax(session, price_at) != argMin(session, seen_at) AS returning,
      max(inquiries_n > 0) AS asked
    FROM visits_of(site = {site:UInt16}, from = $A, to = $Z) AS v
    WHERE $N AND visitor != 0 AND type IN ('', 'page_view', 'price_view', 'inquiry') AND seen_at > 0
    GROUP BY visitor
    HAVING cents > 0
  )
  GROUP BY price_from, seen_channel, seen_device, returning
  UNION ALL
  SELECT
    jump.1 AS key,
    floor(jump.2 / 100 / {jump_bucket:UInt32}) * {jump_bucket:UInt32} AS price_from,
    avg(jump.2) / 100 AS price,
    seen_channel,
    seen_device,
    returning,
    count() AS n,
    -- everybody goes on, except after the last jump of a session
    countIf(at != left_at) AS k
  FROM (
    SELECT
      seen_channel,
      seen_device,
      js,
      session != argMin(session, first_at) OVER (PARTITION BY visitor) AS returning,
      if(last_at = max(last_at) OVER (PARTITION BY visitor, session), indexOf(js, last_act), 0) AS left_at
    FROM (
      SELECT
        visitor,
        session,
        v.channel AS seen_channel,
        v.device AS seen_device,
        min(first_act_at) AS first_at,
        max(last_act_at) AS last_at,
        (argMax(last_act_option, last_act_at), argMax(last_act_jump, last_act_at)) AS last_act,
        groupArrayArray(jumps) AS js
      FROM visits_of(site = {site:UInt16}, from = $A, to = $Z) AS v
      WHERE $N AND visitor != 0 AND session != 0 AND type IN ('', 'option_select', 'inquiry', 'config') AND last_act_at > 0
      GROUP BY visitor, session, seen_channel, seen_device
    )
  )
  ARRAY JOIN js AS jump, arrayEnumerate(js) AS at
  GROUP BY key, price_from, seen_channel, seen_device, returning
)
ORDER BY key, price_from, channel, device, returning
