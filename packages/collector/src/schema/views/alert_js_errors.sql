-- Alert js-errors: sessions that met an error which nobody had met in the seven days before (three sessions at least), or
-- three times as many as in the same window of yesterday (ten at least); else 0.
SELECT s.name AS site, toString(s.site_id) AS site_id, e.print AS fingerprint, toFloat64(e.sessions) AS value
FROM (SELECT site_id, name FROM site_settings FINAL) AS s
LEFT JOIN (
  SELECT
    site_id,
    toString(events.fingerprint) AS print,
    uniqExactIf(if(session != 0, session, sipHash64(stream)), ts >= $A) AS sessions,
    uniqExactIf(if(session != 0, session, sipHash64(stream)), ts < $A) AS before,
    uniqExactIf(if(session != 0, session, sipHash64(stream)), ts >= $A - toIntervalDay(1) AND ts < $Z - toIntervalDay(1)) AS yesterday
  FROM events
  WHERE toDate(ts) >= toDate($A) - 7 AND ts < $Z AND $H AND type = 'error' AND events.fingerprint != 0
  GROUP BY site_id, print
  HAVING (before = 0 AND sessions >= 3) OR (sessions >= 10 AND sessions > 3 * yesterday AND yesterday > 0)
) AS e ON e.site_id = s.site_id
ORDER BY site_id, fingerprint
