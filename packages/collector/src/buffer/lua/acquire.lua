-- Takes a shard's lease.
-- Flags   allow-oom
-- KEYS    1 lease   2 fence
-- ARGV    1 owner   2 milliseconds it lasts
-- Answer  the fencing token, or nil while another owner holds the lease
-- A token is at least the time in milliseconds: it grows even when a power cut takes the counter back.
local lease = redis.call('GET', keys[1])
if lease and lease ~= args[1] then return nil end
if lease then
  redis.call('PEXPIRE', keys[1], args[2])
  return redis.call('GET', keys[2])
end
local token = string.format('%.0f', math.max(tonumber(redis.call('GET', keys[2]) or 0) + 1, now()))
redis.call('SET', keys[2], token)
redis.call('SET', keys[1], args[1], 'PX', args[2])
return token
