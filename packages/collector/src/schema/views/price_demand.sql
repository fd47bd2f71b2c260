-- Question 9: who went on at which price, told apart by channel, device and whether they had been here before. `key` all:
-- the last price of the whole house that a visitor saw, going on = asking; else group/option: a jump of the price
-- upwards, going on = something of substance followed in the session. `bucket` and `jump_bucket` in major units.
SELECT
  key,
  floor(p / width) * width AS price_from,
  avg(p) AS price,
  seen_channel AS channel,
  seen_device AS device,
  returning,
  count() AS n,
  sum(went_on) AS k
FROM (
  SELECT
    'all' AS key,
    toFloat64({bucket:UInt32}) AS width,
    argMaxIf(price_cents, (ts, seq), type = 'price_view') / 100 AS p,
    toString(argMin(channel, (ts, seq))) AS seen_channel,
    toString(argMin(device, (ts, seq))) AS seen_device,
    argMaxIf(session, (ts, seq), type = 'price_view') != argMin(session, (ts, seq)) AS returning,
    max(type = 'inquiry') AS went_on
  FROM events
  WHERE $V AND type IN ('page_view', 'price_view', 'inquiry')
  GROUP BY visitor
  HAVING p > 0
  UNION ALL
  SELECT
    concat(option_group, '/', option) AS key,
    toFloat64({jump_bucket:UInt32}) AS width,
    value / 100 AS p,
    seen_channel,
    seen_device,
    returning,
    went_on
  FROM (
    SELECT
      type,
      option_group,
      option,
      value,
      toString(channel) AS seen_channel,
      toString(device) AS seen_device,
      session != first_value(session) OVER (PARTITION BY visitor ORDER BY ts, seq ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS returning,
      leadInFrame(toUInt8(1), 1, toUInt8(0)) OVER w AS went_on
    FROM events
    WHERE $V AND session != 0
      AND (type IN ('option_select', 'inquiry') OR (type = 'config' AND kind IN ('save', 'share')))
    WINDOW w AS (PARTITION BY session ORDER BY ts, seq ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
  )
  WHERE type = 'option_select' AND value > 0
)
GROUP BY key, width, price_from, seen_channel, seen_device, returning
ORDER BY key, price_from, channel, device, returning
