-- A person's allowance of API messages.
-- KEYS: person   ARGV: take | give back | close, now (ms), acts …
--
-- ok | closed (nothing is open) | used_up (nothing is left in what is open)
local person, what, now = KEYS[1], ARGV[1], tonumber(ARGV[2])
local known, open, most = false, {}, 0
for i = 3, #ARGV do
  local field = 'allow.' .. ARGV[i]
  local value = redis.call('HGET', person, field)
  if value then
    known = true
    local left, till = string.match(value, '^(%-?%d+):(%d+)$')
    if what == 'close' then
      redis.call('HSET', person, field, '0:0')
    elseif tonumber(till) > now then
      open[field] = {tonumber(left), till}
      most = math.max(most, tonumber(left))
    end
  end
end
if what == 'close' then
  if not known and redis.call('EXISTS', person) == 1 then
    redis.call('HSET', person, 'allow.message', '0:0')
  end
  return 'closed'
end
if not known then return 'ok' end  -- Redis lost it, or nobody counts here: the platform decides
if not next(open) then return 'closed' end
if what == 'take' and most < 1 then return 'used_up' end
local step = what == 'take' and -1 or 1
for field, value in pairs(open) do
  redis.call('HSET', person, field, math.max(0, value[1] + step) .. ':' .. value[2])
end
return 'ok'
