-- What `seal` may take: the open manifest, or the facts of the oldest members without their rows.
-- Flags   allow-oom
-- KEYS    1 queue   2 manifest   3 fence   4 batch   5 doubt   6 hosts
-- ARGV    1 token   2 most rows   3 most bytes   4 most members
-- Answer  nothing while a spool goes first, or {manifest as JSON, 1 = in doubt},
--         or {last batch counter, last id in doubt, {id, lane, rows, days, sites, bytes}…}; the counter was raised by
--         twice the number of lanes, so the numbers up to it are the caller's
-- Up to the mark in `doubt` a spool may hold the same rows: spools are flushed first, then those ranges are checked.
if not holds(keys[3], args[1]) then return STALE end
local mark, spool = redis.call('GET', keys[5]), spools(keys[6])
local open = redis.call('HMGET', keys[2], 'json', 'range')
if open[1] then
  local marked = mark and not after(string.match(open[2], '^%S+'), mark)
  if marked and spool.busy then return nil end
  return { open[1], (marked or spool.silent) and 1 or 0 }
end
local head = redis.call('XRANGE', keys[1], '-', '+', 'COUNT', 1)[1]
if not head then return nil end
if mark and after(head[1], mark) then
  redis.call('DEL', keys[5])
  mark = false
end
if mark and spool.hold then return nil end
local rows, bytes, members, lanes, count = 0, 0, 0, {}, 0
local most = { rows = tonumber(args[2]), bytes = tonumber(args[3]), members = tonumber(args[4]) }
local answer, from, full = { 0, spool.silent and '+' or mark or '-' }, '-', false
while not full do
  local page = redis.call('XRANGE', keys[1], from, '+', 'COUNT', 64)
  for _, entry in ipairs(page) do
    local f = entry[2]
    full = members == most.members
      or members > 0 and (rows + tonumber(f[4]) > most.rows or bytes + #f[10] > most.bytes)
    if full then break end
    members, rows, bytes = members + 1, rows + tonumber(f[4]), bytes + #f[10]
    if not lanes[f[2]] then lanes[f[2]], count = true, count + 1 end
    for _, fact in ipairs({ entry[1], f[2], f[4], f[6], f[8], #f[10] }) do answer[#answer + 1] = fact end
    from = '(' .. entry[1]
  end
  if #page < 64 then break end
end
-- a lane whose members are partly in doubt becomes two parts
answer[1] = redis.call('INCRBY', keys[4], 2 * count)
return answer
