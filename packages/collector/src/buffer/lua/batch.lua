-- The next number for a batch whose bytes change.
-- Flags   allow-oom
-- KEYS    1 batch   2 fence
-- ARGV    1 token
-- Answer  the counter
if not holds(keys[2], args[1]) then return STALE end
return redis.call('INCR', keys[1])
