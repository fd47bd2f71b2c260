-- Alert heartbeat: seconds since any collector last wrote about itself, above 60. Never: a million.
SELECT if(count() = 0, 1000000, toFloat64(dateDiff('second', max(at), now()))) AS value
FROM monitor
WHERE at >= now() - INTERVAL 1 DAY
