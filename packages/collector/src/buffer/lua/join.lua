-- A collector's intake returns to Redis, all bits of its spool claimed.
-- Flags   allow-oom
-- KEYS    1 queue   2 doubt   3 hosts
-- ARGV    1 host   2 state of its spool   3 1 = what waits here may be in the spool or was flushed from it
if args[3] == '1' then
  local last = redis.call('XREVRANGE', keys[1], '+', '-', 'COUNT', 1)[1]
  if last then redis.call('SET', keys[2], last[1]) end
end
redis.call('HSET', keys[3], args[1], string.format('%.0f %s', now(), args[2]))
return 1
