-- Question 7: leads by week of arrival and tier.
SELECT toStartOfWeek(lead_at, 1, {tz:String}) AS week, tier, count() AS leads
FROM leads(site = {site:UInt16}, to = $Z)
GROUP BY week, tier
ORDER BY week, tier
