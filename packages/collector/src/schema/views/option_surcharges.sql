-- Question 3: what does an option add to the price, in major units, and how often was that seen?
SELECT jump.1 AS option_id, sum(jump.2) / count() / 100 AS surcharge, count() AS n
FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
ARRAY JOIN jumps AS jump
WHERE $N AND visitor != 0 AND type IN ('', 'option_select') AND jump.2 > 0
GROUP BY option_id
ORDER BY n DESC, option_id
LIMIT 1000
