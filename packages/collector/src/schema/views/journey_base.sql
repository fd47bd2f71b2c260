-- Question 2: sessions behind `journey_paths`, and how many of them asked.
SELECT count() AS sessions, countIf(won) AS converted
FROM (SELECT max(type = 'inquiry') AS won FROM journey WHERE $R AND $F AND session != 0 GROUP BY session)
