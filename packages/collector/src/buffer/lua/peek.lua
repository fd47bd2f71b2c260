-- What `seal` may take: the open manifest, or the facts of the oldest members without their rows.
-- KEYS    1 queue   2 manifest   3 fence   4 batch
-- ARGV    1 token   2 most rows   3 most bytes   4 most members
-- Answer  {manifest as JSON}, or {last batch counter, {id, lane, rows, days, sites, bytes}…}; the counter was raised
--         by the number of lanes, so the numbers up to it are the caller's
if not holds(keys[3], args[1]) then return STALE end
local open = redis.call('HGET', keys[2], 'json')
if open then return { open } end
local rows, bytes, members, lanes, count = 0, 0, 0, {}, 0
local most = { rows = tonumber(args[2]), bytes = tonumber(args[3]), members = tonumber(args[4]) }
local answer, from, full = { 0 }, '-', false
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
if members > 0 then answer[1] = redis.call('INCRBY', keys[4], count) end
return answer
