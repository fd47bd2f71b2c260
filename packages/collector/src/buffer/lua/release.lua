-- Gives a lease back. The fence stays, so that the next token is higher.
-- Flags   allow-oom
-- KEYS    1 lease   2 fence
-- ARGV    1 token
if holds(keys[2], args[1]) then redis.call('DEL', keys[1]) end
return 1
