-- Persists a changed manifest of the open range.
-- Flags   allow-oom
-- KEYS    1 manifest   2 fence
-- ARGV    1 token   2 range   3 name   4 manifest as JSON
if not holds(keys[2], args[1]) then return STALE end
if redis.call('HGET', keys[1], 'range') ~= args[2] then return redis.error_reply('STALE the range is not the open one') end
redis.call('HSET', keys[1], 'name', args[3], 'json', args[4])
return 1
