-- Prolongs a lease, also one that ran out when nobody took it since.
-- Flags   allow-oom
-- KEYS    1 lease   2 fence
-- ARGV    1 token   2 owner   3 milliseconds
-- Answer  1, or 0 when another flusher has a newer token
if not holds(keys[2], args[1]) then return 0 end
redis.call('SET', keys[1], args[2], 'PX', args[3])
return 1
