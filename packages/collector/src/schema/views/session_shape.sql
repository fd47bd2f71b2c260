-- Question 1: how long are sessions, in events and seconds; how many bounce (at most one event of substance)?
-- Rows without a session (orders told by the back office) make none.
SELECT
  count() AS sessions,
  quantilesExact(0.5, 0.9, 0.99)(e) AS events,
  quantileExact(0.5)(s) AS median_s,
  countIf(b) AS bounces
FROM (
  SELECT
    sum(events_n) AS e,
    dateDiff('second', min(first_event), max(last_event)) AS s,
    sum(page_views + options + configs + inquiries_n) <= 1 AS b
  FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
  WHERE $N AND visitor != 0 AND session != 0 AND events_n > 0
  GROUP BY session
)
