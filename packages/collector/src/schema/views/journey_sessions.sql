-- Question 2: the newest fifty sessions, to look at one by one.
SELECT toString(id) AS session, began AS started, events, seconds, inquired
FROM (
  SELECT
    session AS id,
    min(ts) AS began,
    count() AS events,
    dateDiff('second', min(ts), max(ts)) AS seconds,
    max(type = 'inquiry') AS inquired
  FROM journey
  WHERE $R AND $F AND session != 0
  GROUP BY id
)
ORDER BY started DESC, id
LIMIT 50
