-- The books as the job read them every five minutes: accepted = stored + buffered + dead-lettered, up to the difference.
SELECT slot AS time, accepted, stored, buffered, dead_lettered, difference
FROM ledger_checks FINAL
WHERE site_id = {site:UInt16} AND slot >= toDateTime($A) AND slot < toDateTime($Z)
ORDER BY time
