-- Question 2: one session as a time line. `session` in decimal digits.
SELECT at AS ts, seq, type, name, path, detail, price
FROM (
  SELECT
    events.ts AS at,
    seq,
    toString(events.type) AS type,
    toString(events.name) AS name,
    path,
    multiIf(
      events.type = 'option_select', concat(option_group, '=', option),
      events.type = 'config', concat(kind, if(empty(parts), '', concat(': ',
        arrayStringConcat(arrayMap((g, o) -> concat(g, '=', o), mapKeys(parts), mapValues(parts)), ', ')))),
      events.type = 'vital', concat(events.name, ' ', toString(round(value, 3))),
      events.type = 'request', concat(method, ' ', host, ' ', toString(status), ' ', toString(round(value)), ' ms'),
      events.type = 'long_frame', concat(toString(round(value)), ' ms'),
      events.type IN ('click', 'rage_click', 'dead_click'), if(label != '', toString(label), element),
      events.type IN ('scroll', 'page_leave'), concat(toString(events.depth), ' %'),
      events.type = 'error', toString(kind),
      events.type IN ('form', 'custom', 'visibility'), toString(events.name),
      events.type = 'exposure', concat(experiment, '=', variant),
      '') AS detail,
    if(price_cents > 0, price_cents / 100, NULL) AS price
  FROM events
  WHERE $R AND $F
    AND session = toUInt64OrZero({session:String})
    AND session != 0
    AND NOT startsWith(events.type, 'stream_')
)
ORDER BY ts, seq
LIMIT 500
