-- Question 7: how many leads of each tier were open in week 0, 1, 2…, how many ordered in it? orders ÷ at_risk is the
-- discrete weekly hazard; lost leads leave the risk set.
SELECT tier, week, sum(n) OVER (PARTITION BY tier ORDER BY week DESC) AS at_risk, d AS orders
FROM (
  SELECT
    tier,
    intDiv(dateDiff('hour', lead_at, least(coalesce(ordered_at, $Z), coalesce(lost_at, $Z))), 168) AS week,
    count() AS n,
    countIf(ordered_at IS NOT NULL) AS d
  FROM leads(site = {site:UInt16}, to = $Z)
  GROUP BY tier, week
)
ORDER BY tier, week
