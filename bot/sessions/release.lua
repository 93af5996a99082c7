-- The head could not be ended and its process is well: let go of the lease, do not count the try.
-- The next one is told that there was one, and looks for its row first.
-- KEYS: person   ARGV: owner
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
local tries = tonumber(redis.call('HGET', KEYS[1], 'tries'))
redis.call('HSET', KEYS[1], 'owner', '', 'until', 0, 'tries', tries - 1, 'again', 1)
return 1
