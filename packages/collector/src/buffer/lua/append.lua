-- Makes a unit durable, or says which of its rows are stored already: then nothing is written.
-- KEYS    1 queue   2 ledger   3… pages of duplicate bits
-- ARGV    1 member  2 lane  3 rows  4 days  5 seconds the bits live  6 sites as JSON
--         7 1 = only look (the unit repeats itself)  8 number of sites
--         9… {site, events} for each site, then {index of the page in KEYS, width, offset} for each run of bits
-- Answer  the member's id, or {number of the run, its former bits}… of each run that had a bit set
-- Both branches write, so that WAIT after a repeat covers the first attempt too.
local first = 9 + 2 * tonumber(args[8])
local former, taken = {}, {}
for i = first, #args, 3 do
  local all = string.format('%.0f', 2 ^ tonumber(args[i + 1]) - 1)
  local old = redis.call('BITFIELD', keys[tonumber(args[i])], 'SET', 'u' .. args[i + 1], args[i + 2], all)[1]
  former[i] = old
  if old ~= 0 then
    taken[#taken + 1] = (i - first) / 3
    taken[#taken + 1] = old
  end
end
for k = 3, #keys do redis.call('EXPIRE', keys[k], args[5]) end
if #taken > 0 or args[7] == '1' then
  for i = first, #args, 3 do
    redis.call('BITFIELD', keys[tonumber(args[i])], 'SET', 'u' .. args[i + 1], args[i + 2], string.format('%.0f', former[i]))
  end
  return taken
end
for i = 9, first - 1, 2 do redis.call('HINCRBY', keys[2], 'accepted:' .. args[i], args[i + 1]) end
redis.call('HINCRBY', keys[2], 'rows', args[3])
redis.call('HINCRBY', keys[2], 'bytes', #args[1])
return redis.call('XADD', keys[1], '*', 'l', args[2], 'r', args[3], 'd', args[4], 's', args[6], 'm', args[1])
