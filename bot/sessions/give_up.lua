-- The request can wait no longer: its reply shall go by mail, unless it is there just now.
-- KEYS: bodies, stored reply, mailbox   ARGV: id
--
-- {done, reply, mail left} | {late} | {deferred} (background work has it) | {gone}
local done = redis.call('GET', KEYS[2])
if done then return {'done', done, redis.call('LLEN', KEYS[3])} end
local body = redis.call('HGET', KEYS[1], ARGV[1])
if not body then return {'gone'} end
local state = string.sub(body, 1, 1)
if state == 'q' then redis.call('HSET', KEYS[1], ARGV[1], 'l' .. string.sub(body, 2)) end
if state == 'd' then redis.call('HSET', KEYS[1], ARGV[1], 'D') end
return {(state == 'd' or state == 'D') and 'deferred' or 'late'}
