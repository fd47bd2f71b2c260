-- Question 7: orders and revenue by the time they were placed; pipeline = prices of the inquiries that were open at the
-- end of each bucket.
SELECT
  time,
  any(placed_n) AS orders,
  any(placed_value) AS revenue,
  sumIf(price, lead_at < ends AND (ordered_at IS NULL OR ordered_at >= ends) AND (lost_at IS NULL OR lost_at >= ends)) AS pipeline
FROM (
  SELECT time, max(ts) + toIntervalSecond(least({step:UInt32}, 3600)) AS ends, sum(o.n) AS placed_n, sum(o.value) AS placed_value
  FROM (
    SELECT ts, $T AS time
    FROM (
      SELECT arrayJoin(arrayMap(
        x -> toDateTime(x, 'UTC'),
        range(
          toUnixTimestamp(toDateTime($A)),
          toUnixTimestamp(toDateTime($Z)),
          greatest(60, least({step:UInt32}, 3600))))) AS ts
    )
  ) AS grid
  LEFT JOIN (
    SELECT toStartOfInterval(toDateTime(placed), toIntervalSecond(1)) AS second, count() AS n, sum(amount_cents) / 100 AS value
    FROM orders FINAL
    WHERE site_id = {site:UInt16} AND status != 'cancelled' AND placed >= $A AND placed < $Z
    GROUP BY second
  ) AS o ON toUnixTimestamp(grid.ts) = toUnixTimestamp(toDateTime($A))
    + intDiv(toUnixTimestamp(o.second) - toUnixTimestamp(toDateTime($A)), greatest(60, least({step:UInt32}, 3600)))
      * greatest(60, least({step:UInt32}, 3600))
  GROUP BY time
) AS buckets
CROSS JOIN (
  SELECT price, lead_at, ordered_at, lost_at FROM leads(site = {site:UInt16}, to = $Z)
  UNION ALL
  -- a shop without inquiries still has its buckets
  SELECT 0, $Z, NULL, NULL
) AS open
GROUP BY time
ORDER BY time
