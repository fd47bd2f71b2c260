-- Annotations on every chart: price changes of the catalogue, experiments, releases.
SELECT toDateTime(at) AS time, kind, text
FROM (
  SELECT at, toString(changes_log.kind) AS kind, text
  FROM changes_log FINAL
  WHERE site_id = {site:UInt16} AND at >= $A AND at < $Z
  UNION ALL
  SELECT toDateTime64(valid_from, 3, 'UTC') AS at, 'price' AS kind, concat(id, ': ', toString(before / 100), ' → ', toString(price_cents / 100)) AS text
  FROM (
    SELECT
      id,
      valid_from,
      price_cents,
      lagInFrame(price_cents, 1, price_cents) OVER (PARTITION BY catalogue.kind, id ORDER BY valid_from ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before
    FROM catalogue FINAL
    WHERE site_id = {site:UInt16}
  )
  WHERE before != price_cents AND valid_from >= toDateTime($A) AND valid_from < toDateTime($Z)
)
ORDER BY time, kind, text
