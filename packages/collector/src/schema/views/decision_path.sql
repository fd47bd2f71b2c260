-- Question 2: in which order do people decide, where do they change their minds, what does a group cost in seconds and
-- in leavings?
SELECT
  g AS option_group,
  count() AS n,
  avg(pos) AS mean_position,
  sum(again) AS rewinds,
  quantileExact(0.5)(s) AS median_s,
  countIf(last AND NOT won) AS left_after
FROM (
  SELECT
    events.option_group AS g,
    row_number() OVER w AS pos,
    dateDiff('millisecond', lagInFrame(ts, 1, ts) OVER w, ts) / 1000 AS s,
    row_number() OVER (PARTITION BY session, events.option_group ORDER BY ts, seq) > 1 AS again,
    leadInFrame(toUInt8(1), 1, toUInt8(0)) OVER w = 0 AS last,
    session IN (SELECT session FROM events WHERE $V AND type = 'inquiry') AS won
  FROM events
  WHERE $V AND session != 0 AND type = 'option_select'
  WINDOW w AS (PARTITION BY session ORDER BY ts, seq ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
)
GROUP BY g
ORDER BY mean_position, g
