-- Question 9: after which jump of the price do people leave? An option that changed the price, and whether anything of
-- substance followed it in the session.
SELECT
  option_id,
  floor(jump / {bucket:UInt32}) * {bucket:UInt32} AS jump_from,
  count() AS n,
  sum(left_here) AS k,
  wilson_lo(k, n) AS lo,
  wilson_hi(k, n) AS hi
FROM (
  SELECT
    type,
    concat(option_group, '/', option) AS option_id,
    value / 100 AS jump,
    leadInFrame(toUInt8(1), 1, toUInt8(0)) OVER w = 0 AS left_here
  FROM events
  WHERE $V AND session != 0
    AND (type IN ('option_select', 'inquiry') OR (type = 'config' AND kind IN ('save', 'share')))
  WINDOW w AS (PARTITION BY session ORDER BY ts, seq ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
)
WHERE type = 'option_select' AND jump != 0
GROUP BY option_id, jump_from
ORDER BY n DESC, option_id, jump_from
