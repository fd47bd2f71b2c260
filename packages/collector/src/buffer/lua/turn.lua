-- May this host drain its spool? One at a time, so that each finds in ClickHouse what the one before it stored, and
-- not while a range is open that may hold the same rows.
-- Flags   allow-oom
-- KEYS    1 turn   2 manifest   3 doubt
-- ARGV    1 host   2 milliseconds a turn lasts
-- Answer  1 or 0
local owner = redis.call('GET', keys[1])
if owner and owner ~= args[1] then return 0 end
local range, mark = redis.call('HGET', keys[2], 'range'), redis.call('GET', keys[3])
if range and mark and not after(string.match(range, '^%S+'), mark) then return 0 end
redis.call('SET', keys[1], args[1], 'PX', args[2])
return 1
