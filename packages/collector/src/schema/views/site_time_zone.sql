-- Grafana's hidden `tz` variable: days and hours are cut in the zone of the site.
SELECT toString(time_zone) AS tz
FROM site_settings FINAL
WHERE site_id = {site:UInt16}
