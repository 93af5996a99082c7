-- The head could not be finished now and its process is well: let go of the lease, do not count
-- the try. At least one stays counted, so that the next one looks for the row of this one first.
-- KEYS: person   ARGV: owner
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
local tries = tonumber(redis.call('HGET', KEYS[1], 'tries'))
redis.call('HSET', KEYS[1], 'owner', '', 'until', 0, 'tries', math.max(1, tries - 1))
return 1
