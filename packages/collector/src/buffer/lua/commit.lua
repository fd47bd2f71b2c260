-- The range leaves the queue and is counted, in one step. The same commit again changes nothing.
-- Flags   allow-oom
-- KEYS    1 queue   2 ledger   3 manifest   4 fence   5 committed
-- ARGV    1 token   2 name   3 lowest id that stays   4 known as JSON
if not holds(keys[4], args[1]) then return STALE end
if redis.call('GET', keys[5]) == args[2] then return 1 end
local open = redis.call('HMGET', keys[3], 'name', 'accepted', 'rows', 'bytes')
if open[1] ~= args[2] then return redis.error_reply('STALE the range is not the open one') end
redis.call('XTRIM', keys[1], 'MINID', args[3])
for site, count in pairs(cjson.decode(open[2])) do redis.call('HINCRBY', keys[2], 'committed:' .. site, count) end
for site, count in pairs(cjson.decode(args[4])) do redis.call('HINCRBY', keys[2], 'known:' .. site, count) end
redis.call('HINCRBY', keys[2], 'rows', -tonumber(open[3]))
redis.call('HINCRBY', keys[2], 'bytes', -tonumber(open[4]))
redis.call('DEL', keys[3])
redis.call('SET', keys[5], args[2])
return 1
