-- Question 2: names of the nodes that `journey_ways` tells by number.
SELECT toString(sipHash64(name)) AS id, name
FROM (SELECT DISTINCT toString(node) AS name FROM journey WHERE $R)
ORDER BY name
