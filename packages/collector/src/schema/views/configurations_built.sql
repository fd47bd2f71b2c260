-- Question 3: `popular_configs` and, by the last configuration of each visitor, `option_shares` from one reading. Who
-- built it (saved, shared, or the last of a session), whose inquiry ended with it, and with whom it was the last
-- (`ended`). What they hold tells `configurations`.
SELECT
  toString(hash) AS config,
  built_by AS visitors,
  asked_by AS inquiries,
  last_of AS ended,
  cents / nullIf(priced, 0) / 100 AS price
FROM (
  SELECT
    hash,
    count() AS built_by,
    countIf(asked) AS asked_by,
    countIf(is_last) AS last_of,
    sum(visitor_cents) AS cents,
    sum(visitor_priced) AS priced
  FROM (
    -- most configurations are one visitor's: a row for each is lighter than a set for each
    SELECT
      b.1 AS hash,
      visitor,
      max(won AND b.1 = final) AS asked,
      max(latest AND b.1 = final) AS is_last,
      sumIf(b.2, b.2 > 0) AS visitor_cents,
      countIf(b.2 > 0) AS visitor_priced
    FROM (
      SELECT visitor, final, built, won, session = argMax(session, at) OVER (PARTITION BY visitor) AS latest
      FROM (
        SELECT
          visitor,
          session,
          max(config_at) AS at,
          argMax(v.config, config_at) AS final,
          arrayDistinct(arrayPushBack(groupArrayArray(kept), (final, argMax(config_cents, config_at)))) AS built,
          sum(inquiries_n) > 0 AS won
        FROM visits_of(site = {site:UInt16}, from = $A, to = $Z) AS v
        WHERE $N AND visitor != 0 AND type IN ('', 'config', 'inquiry') AND (config_at > 0 OR inquiries_n > 0)
        GROUP BY visitor, session
        HAVING at > 0
      )
    )
    ARRAY JOIN built AS b
    GROUP BY hash, visitor
  )
  GROUP BY hash
)
ORDER BY visitors DESC, config
LIMIT 500000
