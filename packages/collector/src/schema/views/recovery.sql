-- Question 4: of those whose first visit ended without an inquiry, how many came back and asked, by how far that visit
-- got? Stages as in `abandoned_value`; visitors with consent, because the others are new people every day.
SELECT stage, count() AS n, countIf(asked_later) AS k
FROM (
  SELECT
    visitor,
    argMin(v.stage, v.started) AS stage,
    argMin(v.won, v.started) AS won_first,
    max(v.won) AS asked_later
  FROM (
    SELECT
      visitor,
      session,
      min(ts) AS started,
      multiIf(
        max(step IN ('config:save', 'config:share')), 'saved',
        max(type = 'price_view'), 'price seen',
        max(type = 'option_select'), 'configured',
        'visited') AS stage,
      max(type = 'inquiry') AS won
    FROM journey
    WHERE $R AND $F AND visitor != 0 AND consent != 'none' AND session != 0 AND type IN ('page_view', 'option_select', 'price_view', 'config', 'inquiry')
    GROUP BY visitor, session
  ) AS v
  GROUP BY visitor
  HAVING NOT won_first
)
GROUP BY stage
ORDER BY stage
