-- Operations: the synthetic events that went through the public port once a minute, oldest first. `number` counts minutes from
-- midnight UTC: one that is missing is a minute in which no event could be taken. Site 65535 is no site of anybody.
SELECT toUnixTimestamp64Milli(ts) AS sent, seq AS number
FROM events
WHERE site_id = 65535 AND ts >= $A AND ts < $Z AND type = 'custom'
ORDER BY sent
