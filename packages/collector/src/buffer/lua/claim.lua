-- Sets the bits of rows that went to a spool: Redis will call them duplicates from now on. Safe to repeat.
-- KEYS    pages of duplicate bits
-- ARGV    1 seconds the bits live   2… {index of the page in KEYS, width, offset} for each run of bits
for i = 2, #args, 3 do
  local all = string.format('%.0f', 2 ^ tonumber(args[i + 1]) - 1)
  redis.call('BITFIELD', keys[tonumber(args[i])], 'SET', 'u' .. args[i + 1], args[i + 2], all)
end
for k = 1, #keys do redis.call('EXPIRE', keys[k], args[1]) end
return 1
