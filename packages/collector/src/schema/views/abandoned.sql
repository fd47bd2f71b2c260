-- Question 4: `abandoned_value`, and who came back, from one reading. By how far they got: visitors with a price who did not
-- ask (`n`, `value` of their last prices); visitors with consent whose first session ended without an inquiry
-- (`stopped`), and those of them who asked in a later one (`returned`). Without consent they are new people every day.
SELECT
  ['visited', 'configured', 'price seen', 'saved'][told.1] AS stage,
  countIf(told.2) AS n,
  sumIf(told.3, told.2) AS value,
  countIf(NOT told.2) AS stopped,
  countIf(told.4) AS returned
FROM (
  SELECT
    arrayConcat(
      if(NOT asked AND price > 0, [(farthest, true, price, false)], []),
      if(known_sessions > 0 AND NOT first_asked, [(first_reached, false, 0., known_asked)], [])) AS cells
  FROM (
    SELECT
      max(reached) AS farthest,
      argMax(cents, at) / 100 AS price,
      max(won) AS asked,
      countIf(known) AS known_sessions,
      argMinIf(reached, started, known) AS first_reached,
      argMinIf(won, started, known) AS first_asked,
      maxIf(won, known) AS known_asked
    FROM (
      SELECT
        visitor,
        session != 0 AND consent != 'none' AS known,
        min(first_step) AS started,
        max(multiIf(saves > 0, 4, price_views > 0, 3, options > 0, 2, 1)) AS reached,
        max(shown_at) AS at,
        argMax(shown_cents, shown_at) AS cents,
        sum(inquiries_n) > 0 AS won
      FROM visits_of(site = {site:UInt16}, from = $A, to = $Z)
      WHERE $N
        AND visitor != 0
        AND type IN ('', 'page_view', 'option_select', 'config', 'price_view', 'form', 'inquiry', 'order', 'custom')
        AND first_step > toDateTime64(0, 3, 'UTC')
      GROUP BY visitor, session, known
    )
    GROUP BY visitor
  )
)
ARRAY JOIN cells AS told
GROUP BY told.1
ORDER BY stage
