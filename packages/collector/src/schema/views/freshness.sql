-- Every answer: seconds since the newest event arrived; NULL after two quiet days.
SELECT if(count() = 0, NULL, dateDiff('second', max(received), now())) AS age_s
FROM events
WHERE site_id = {site:UInt16} AND toDate(ts) >= today() - 2 AND NOT startsWith(type, 'stream_')
