-- Prelude of every function.

local STALE = { err = 'STALE another flusher holds the shard' }

-- Guards all that only a shard's flusher may do.
local function holds(fence, token)
  return redis.call('GET', fence) == token
end

local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- Order of stream ids.
local function after(a, b)
  local a_ms, a_n = string.match(a, '^(%d+)-(%d+)$')
  local b_ms, b_n = string.match(b, '^(%d+)-(%d+)$')
  if a_ms ~= b_ms then return tonumber(a_ms) > tonumber(b_ms) end
  return tonumber(a_n) > tonumber(b_n)
end

-- A collector that was not heard of for 15 s may be spooling; after 10 minutes it is given up.
local SILENT, GONE = 15000, 600000

-- What the collectors' spools forbid: silent = one may hold rows nobody knows of, busy = one is being flushed right now
-- or may be, hold = one waits to be drained.
local function spools(hosts)
  local found, time, all = {}, now(), redis.call('HGETALL', hosts)
  for i = 1, #all, 2 do
    local at, state = string.match(all[i + 1], '^(%d+) (%a+)$')
    local age = time - tonumber(at)
    if age < GONE then
      found.silent = found.silent or age > SILENT
      found.busy = found.busy or age > SILENT or state == 'busy'
      found.hold = found.hold or age > SILENT or state ~= 'free'
    end
  end
  return found
end
