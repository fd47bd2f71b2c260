-- Prelude of every function: the guard of all that only a shard's flusher may do.

local STALE = { err = 'STALE another flusher holds the shard' }

local function holds(fence, token)
  return redis.call('GET', fence) == token
end
