-- Question 3: what does an option add to the price, in major units, and how often was that seen?
SELECT concat(option_group, '/', option) AS option_id, avg(value) / 100 AS surcharge, count() AS n
FROM events
WHERE $V AND type = 'option_select' AND value > 0
GROUP BY option_id
ORDER BY n DESC, option_id
LIMIT 1000
