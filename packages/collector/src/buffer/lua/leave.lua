-- A collector stops on purpose. With rows in its spool it stays on the list: they come before what is in doubt.
-- Flags   allow-oom
-- KEYS    1 hosts   2 turn
-- ARGV    1 host   2 1 = its spool is empty
if args[2] == '1' then redis.call('HDEL', keys[1], args[1]) end
if redis.call('GET', keys[2]) == args[1] then redis.call('DEL', keys[2]) end
return 1
