-- Who was there on each day, and since when: whether somebody is new is asked over the whole life of a site, one row for
-- a visitor's day instead of all that he did.
-- order by: site_id, visitor
-- keep: visitor
SELECT
  toDate(events.ts) AS day,
  site_id,
  min(events.ts) AS ts,
  visitor
FROM events
WHERE $H
  AND visitor != 0
  AND type IN ('page_view', 'option_select', 'config', 'price_view', 'form', 'inquiry', 'order', 'custom')
GROUP BY day, site_id, visitor
