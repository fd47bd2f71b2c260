-- A collector is there and knows Redis; it keeps its turn while its spool is being flushed.
-- Flags   allow-oom
-- KEYS    1 hosts   2 turn
-- ARGV    1 host   2 state of its spool: free, hold (rows wait) or busy (a range is open)   3 milliseconds a turn lasts
redis.call('HSET', keys[1], args[1], string.format('%.0f %s', now(), args[2]))
if redis.call('GET', keys[2]) == args[1] then
  if args[2] == 'free' then redis.call('DEL', keys[2]) else redis.call('PEXPIRE', keys[2], args[3]) end
end
return 1
