-- Question 1: orders and revenue by `dimension` model, channel or country.
SELECT
  multiIf(
    {dimension:String} = 'model', toString(model),
    {dimension:String} = 'channel', toString(channel),
    toString(country)) AS key,
  count() AS orders,
  sum(price_cents) / 100 AS revenue
FROM events
WHERE $W AND type = 'order'
GROUP BY key
ORDER BY orders DESC, key
