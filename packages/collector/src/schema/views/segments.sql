-- Which saved segments has a site, and of how many visitors? The filter `segment` names them.
SELECT toString(segment) AS name, uniqExact(visitor) AS visitors
FROM segment_members
WHERE site_id = {site:UInt16}
GROUP BY name
ORDER BY visitors DESC, name
