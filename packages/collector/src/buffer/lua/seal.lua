-- Persists the manifest of a range before its first attempt. An open one wins.
-- Flags   allow-oom
-- KEYS    1 manifest   2 fence
-- ARGV    1 token   2 range   3 name   4 manifest as JSON   5 accepted as JSON   6 rows   7 bytes
-- Answer  the open manifest as JSON
if not holds(keys[2], args[1]) then return STALE end
local open = redis.call('HGET', keys[1], 'json')
if open then return open end
redis.call('HSET', keys[1], 'range', args[2], 'name', args[3], 'json', args[4], 'accepted', args[5], 'rows', args[6], 'bytes', args[7])
return args[4]
